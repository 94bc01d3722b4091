/** ワーカーと、それを待つものについての言葉。 */
export const capacity = {
  title: '処理能力',
  measured: '直近 {{hours}} 時間の実測です。ワーカー数は同時に動いていた数です。',
  empty: {
    title: '最近依頼を受けたプールはありません',
    text: 'デプロイメントのプールは最初の実行とともにここに表示されます。',
  },
  pool: 'プール',
  waiting: '待機中の実行',
  oldest: '最古',
  running: '実行中',
  workers: '確認されたワーカー',
  perJob: '1 実行の時間',
  use: '使用率',
  expected: '新しい実行の待ち時間（95 %）',
  notMeasured: '実測に足りる実行がありません。最古の待ち時間です',
  held_one: '{{name}} の実行 {{count}} 件がプールの空きを待っています：',
  held_other: '{{name}} の実行 {{count}} 件がプールの空きを待っています。最古：',
};
