import type { people as english } from '../en/people';

export const people: typeof english = {
  title: '人',
  tab: { credentials: '資格', conflicts: '利益相反' },
  person: '人',
  mayRead: '読影できるもの',
  use: '用途',
  act: '操作',
  task: {
    denoise: 'ノイズ低減',
    'super-resolution': '超解像',
    translation: 'モダリティ変換',
    synthesis: '合成',
    progression: '経過予測',
  },
  validity: {
    valid: '有効',
    endsSoon: 'まもなく終了',
    ended: '終了',
    revoked: '取り消し',
    notYet: '開始前',
  },
  purpose: '目的',
  purposes: { CLINICAL: '臨床', EVALUATION: 'シャドーでの評価' },
  credential: {
    meaning:
      '規則が資格を求める場合、有効な資格のあるモダリティと用途の症例だけが読影者に提示されます。',
    state: '状態',
    from: '開始',
    until: '終了',
    empty: {
      title: '資格を持つ人はまだいません',
      text: 'このページで読影者に付与してください。規則が資格を求める間、資格のない人に症例は提示されません。',
    },
    grantTitle: '資格を付与する',
    lastDay: '最終日',
    grant: '付与',
    grantMeaning: {
      CLINICAL:
        '{{name}} は {{until}} の終わりまで {{modality}} の{{task}}を読影でき、直ちに症例が提示されます。',
      EVALUATION:
        '{{name}} は {{until}} の終わりまでシャドーの {{modality}}・{{task}} を評価できます。別の一覧に表示され、公開されることはありません。',
    },
    granted: '{{name}} は {{until}} の終わりまで {{modality}} の{{task}}を読影できます。',
    revoke: '取り消す',
    revokeOf: '{{name}} の {{modality}}・{{task}} を取り消す',
    revokeMeaning:
      '{{name}} には今後 {{modality}} の{{task}}が提示されません。元に戻せませんが、新たに付与できます。',
    revoked: '{{name}} は {{modality}} の{{task}}を読影できなくなりました。',
  },
  conflict: {
    meaning:
      '患者やモデルに近すぎる人には、その症例は提示されません。読影者自身の申告はワークリストで行います。',
    with: '近すぎる対象',
    study: '検査',
    deployment: '配備',
    declared: '申告',
    entries: '申告した人',
    choose: '選択 …',
    subject: { study: '検査の id', deployment: '配備' },
    empty: {
      title: '利益相反の申告はありません',
      text: '読影者はワークリストの症例の横で申告します。他の人については、ここで申告します。',
    },
    declareTitle: '他の人について申告する',
    declare: '申告する',
    will: {
      study: '{{name}} にはこの検査の症例が提示されなくなり、開いているものは手放されます。',
      deployment: '{{name}} にはこの配備の症例が提示されなくなります。',
    },
    did: {
      study: '{{name}} にはこの検査の症例が提示されません。',
      deployment: '{{name}} にはこの配備の症例が提示されません。',
    },
    own: {
      act: 'この患者に近すぎる',
      meaning:
        'この検査は再び提示されず、開いている場合は手放されます。申告と理由はコーディネーターに表示されます。',
      reason: '近すぎる理由',
      done: 'この検査の症例は提示されなくなりました。',
    },
  },
};
