import type { destinations as english } from '../en/destinations';

export const destinations: typeof english = {
  title: '送信先',
  open: '送信先',
  meaning:
    'リリースを送るアーカイブです。署名されたものは、種別が合う使用中の送信先へ送られます。変更は次のオブジェクトから効きます。',
  destination: '送信先',
  kind: '種別',
  kinds: { CLINICAL: '臨床', RESEARCH: '研究' },
  kindMeaning: {
    CLINICAL: '監督下と一般の段階のリリースだけを受け取ります。',
    RESEARCH: '試行段階のリリースも受け取ります。',
  },
  state: '状態',
  states: { IN_USE: '使用中', PAUSED: '一時停止', CLOSED: '閉鎖' },
  waiting: '待機',
  nothing: '待機なし',
  sends_one: 'リリース {{count}} 件',
  sends_other: 'リリース {{count}} 件',
  notes_one: '未完了の却下ノート {{count}} 件',
  notes_other: '未完了の却下ノート {{count}} 件',
  history: '履歴',
  versions_one: '{{count}} 版',
  versions_other: '{{count}} 版',
  configuration: '設定ファイル',
  added: '追加',
  act: '操作',
  name: '名前',
  nameExample: '放射線科アーカイブ',
  aeTitle: 'AE タイトル',
  host: 'ホスト',
  port: 'ポート',
  why: '理由',
  add: '送信先を追加',
  addAct: '追加する',
  addDone: '今後のリリースは {{name}} へ送られます。',
  change: '変更',
  changeOf: '{{name}} を変更',
  changed: '{{name}} を変更しました。',
  changeMeaning_one: '待機中のリリース {{count}} 件は、変更後の送信先へ送られます。',
  changeMeaning_other: '待機中のリリース {{count}} 件は、変更後の送信先へ送られます。',
  test: '呼び出す',
  testOf: '{{name}} を呼び出す',
  calling: '呼び出し中…',
  answered: '{{milliseconds}} ms で応答',
  silent: '応答なし: {{words}}',
  move: {
    PAUSED: {
      word: '一時停止',
      label: '{{name}} を一時停止',
      meaning: '{{name}} への送信は次のオブジェクトから止まります。リリースは再開まで待機します。',
      done: '{{name}} へのリリースは待機します。',
    },
    IN_USE: {
      word: '使用',
      label: '{{name}} を使用',
      meaning_one:
        '{{name}} を待つリリース {{count}} 件を再確認して送ります。閉鎖中にリリースされたものは送られません。',
      meaning_other:
        '{{name}} を待つリリース {{count}} 件を再確認して送ります。閉鎖中にリリースされたものは送られません。',
      done: '{{name}} は使用中です。',
    },
    CLOSED: {
      word: '閉鎖',
      label: '{{name}} を閉鎖',
      meaning_one:
        '新しいリリースは {{name}} へ送られません。待機中の {{count}} 件は保留のままです。回収の通知は届きます。',
      meaning_other:
        '新しいリリースは {{name}} へ送られません。待機中の {{count}} 件は保留のままです。回収の通知は届きます。',
      done: '{{name}} を閉鎖しました。',
    },
  },
  empty: {
    title: '送信先がありません',
    text: '署名されたリリースはどこへも送られません。受け取るアーカイブを追加してください。',
  },
};
