/** 患者の過去画像の言葉。 */
export const prior = {
  prior: {
    title: '過去画像',
    of: '{{of}}件中{{at}}件目',
    sameDay: '同日のより早い時刻',
    earlier: {
      days_one: '{{count}}日前',
      days_other: '{{count}}日前',
      weeks_one: '{{count}}週間前',
      weeks_other: '{{count}}週間前',
      months_one: '{{count}}か月前',
      months_other: '{{count}}か月前',
      years_one: '{{count}}年前',
      years_other: '{{count}}年前',
    },
    likeness: {
      SAME_REGION: '同じ部位',
      OVERLAPPING_REGION: '重なる部位',
      SAME_MODALITY: '別の部位',
      OTHER_MODALITY: '別のモダリティ',
    },
    link: {
      frame: '患者座標で連動',
      otherFrame: '基準座標系が異なります',
      otherPlane: '断面の向きが異なります',
      toAlign: 'ここでスクロールして同じ位置を出し、= を押してください',
      byHand: '{{at}} mmで手動で位置合わせ（ずれ {{offset}} mm）',
    },
    none: '過去画像はありません。本人であることと日付が確かな、この患者の以前の画像は届いていません。',
    notHeld: '過去画像は症例を担当している間だけ表示されます。',
    loading: '過去画像の断面を読み込み中：{{total}}枚中{{loaded}}枚',
    failed: '過去画像を表示できません：{{why}}。ほかの画像には影響ありません。',
    failedOfSeveral:
      '過去画像を表示できません：{{why}}。Shift Pで別の過去画像を表示できます。ほかの画像には影響ありません。',
  },
};
