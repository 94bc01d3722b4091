import type { coordination as english } from '../en/coordination';

export const coordination: typeof english = {
  title: '調整',
  caption: '未了の症例（期限の近い順）',
  filter: '対応が必要な症例',
  all: '未了すべて',
  wants: '必要な対応',
  nothing: '今は特になし',
  whole: '症例の詳細',
  concern: {
    recallToConfirm: '回収の確認待ち',
    recallToEvaluate: '回収の検討が必要',
    lacksReaders: '読影資格者が不足',
    overdue: '期限超過',
    deferred: '延期',
    held: '保留',
    dueSoon: '期限間近',
    untaken: '誰も取得していない',
  },
  empty: {
    title: '未了の症例はありません',
    text: '実行が検査を通ると症例がここに現れ、リリース・却下・期限切れまで残ります。',
  },
  none: {
    title: '該当する未了の症例はありません',
    text: '他の症例は「未了すべて」で表示されます。',
  },
  flagged: {
    title: '調査中の検査',
    study: '検査',
    since: '開始',
    open: '未了の症例',
    act: '操作',
    endOf: '{{name}} の調査を終える',
    none: {
      title: '調査中の検査はありません',
      text: '上の症例、または検査ページの検査を選んで調査を始めると、その症例は保留されます。',
    },
  },
};
