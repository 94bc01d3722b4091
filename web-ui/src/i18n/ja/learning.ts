import type { learning as english } from '../en/learning';

export const learning: typeof english = {
  learning: {
    title: 'ピアラーニング',
    discuss: '話し合う…',
    meaning:
      'あなたが読影し、すでに終了した症例を、名前を出さずに話し合います。学ぶためのものであり、だれかを評価するものではありません。ここでは個人別の集計は行いません。',
    meaningQuality:
      '終了した症例を、読影した人たちと話し合います。読影者に名前は表示されません。ここでは個人別の集計は行いません。',
    list: '話し合いの一覧',
    search: '話し合いを検索',
    searchHint: '語句',
    shown: { open: '進行中', closed: '終了', all: 'すべて' },
    empty: {
      title: '話し合いはまだありません',
      text: '署名した症例が終了したら、その症例を開いて「話し合う…」を選びます。ほかの人があなたの症例について始めた話し合いも、ここに表示されます。',
      textQuality:
        '症例一覧から終了した症例を開き、「話し合う…」を選びます。不一致、見落とされやすい所見の発見、AIの誤りなどが対象です。',
    },
    none: {
      title: '該当する話し合いはありません',
      text: '語句を減らすか、「すべて」から探してください。',
    },
    gone: {
      title: 'この話し合いは現在表示できません',
      text: 'あとで再び表示されることがあります。一覧から開いてください。',
    },
    case: '症例 {{id}}…',
    question: '問い',
    about: '内容',
    state: '状態',
    contributions: '発言',
    openedAt: '開始',
    isOpen: '進行中',
    isClosed: '終了',
    one: '話し合いの詳細',
    open: '症例について話し合いを始める',
    openMeaning:
      '品質担当者と、この症例を読影した人に、名前を出さずに表示されます。この症例と、同じ画像のほかの症例がすべて終了すると始められます。',
    openAct: '話し合いを始める',
    opened: '話し合いを始めました。',
    noNames: '患者や読影者の名前は書かないでください。',
    chars: '残り{{left}}文字。',
    reads: '署名された読影',
    ownRead: 'あなたの読影',
    said: '発言',
    nothingSaid: '発言はまだありません。',
    say: '付け加えること',
    sayMeaning: 'あとから変更できません。患者や読影者の名前は書かないでください。',
    sayAct: '追加',
    saidDone: '追加しました。',
    voice: {
      OWN: 'あなた',
      READER: 'この症例の読影者',
      ANOTHER: '別の読影者',
      QUALITY: '品質担当',
    },
    audience: {
      READERS_LATER:
        'この症例を読影した人には、いまは表示されません。同じ画像の別の症例がまだ読影できるためです。それが終了すると再び表示されます。',
      QUALITY: 'これは読影者を試す症例です。この話し合いは品質担当者だけに表示されます。',
    },
    point: '学ぶべきこと',
    close: '学ぶべきことを書いて終了する…',
    closeMeaning:
      '話し合いの結論として残り、以後は何も追加できません。患者や読影者の名前は書かないでください。',
    closeAct: '話し合いを終了する',
    closed: '話し合いを終了しました。',
    score: '読影の評点（RADPEER、任意）',
    scoreMeaning:
      'この画像を読影していないあなたなら、どう読影したかを示します。モデルの版、配備、月ごとに集計され、読影者別に集計されることはありません。あとで付け直すことができ、最後のものが有効です。',
    scoreAct: 'この評点を付ける',
    scored: '評点を記録しました。',
    scores: '読影の評点（過去365日）',
    grouped: '集計の単位',
    scoredCases: '症例',
    tooFew: '{{count}}症例に満たない群は件数を表示しません。',
    noScores: {
      title: '評点の付いた読影はありません',
      text: 'その画像を読影していなければ、話し合いを開いて読影の評点を付けます。',
    },
  },
  discussionKind: {
    DISCREPANCY: '不一致',
    GOOD_CATCH: '見落とされやすい所見の発見',
    MODEL_ERROR: 'AIによる捏造・消失・変形',
    TECHNICAL: '技術的なこと',
    OTHER: 'その他',
  },
  radpeer: {
    ONE: { short: '1', meaning: '同じように読影した' },
    TWO_A: { short: '2a', meaning: '読影が異なるが無理もない。影響は考えにくい' },
    TWO_B: { short: '2b', meaning: '読影が異なるが無理もない。影響が考えられる' },
    THREE_A: { short: '3a', meaning: '読影が異なり、多くの人も同じ。影響は考えにくい' },
    THREE_B: { short: '3b', meaning: '読影が異なり、多くの人も同じ。影響が考えられる' },
  },
};
