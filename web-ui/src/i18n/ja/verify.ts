import type { verify as english, ledgerSearch as englishSearch } from '../en/verify';

export const verify: typeof english = {
  title: '台帳の証明を検証する',
  purpose:
    'Countersign の台帳の証明ファイルを、公開鍵だけで検証します。ネットワークは不要で、このページから何も送信されません。',
  blocked: 'このページを保存し、保存したファイルを開いてください。検証は手元の機械で行われます。',
  proofs: '証明ファイル',
  key: '台帳の公開鍵',
  keyHint: 'countersign/ledger+…',
  keyFile: 'またはファイル',
  keySource: '鍵は、検証する台帳のサーバーからではなく、信頼できる人から受け取ってください。',
  waiting: '証明ファイルと鍵を選んでください。',
  outcome: { verified: '検証済み', inconsistent: '矛盾', cannotTell: '判断できない' },
  outcomeMeaning: {
    verified: '以下の内容は、ファイルと鍵によって示されています。',
    inconsistent: 'ファイルは、この鍵が署名した台帳と合いません。',
    cannotTell: '台帳について、肯定も否定も示されていません。',
  },
  why: {
    noCrypto:
      'このブラウザーは Ed25519 署名を検証できません。新しいブラウザーか「countersign ledger verify --proof FILE --key FILE」を使ってください。',
    keyMalformed: '鍵が「名前+ハッシュ+鍵」の形の Ed25519 鍵ではありません。',
    proofMalformed: 'ファイルが台帳の証明ではないか、一部が欠けています。',
    entryUnknown: '記録は台帳にありますが、このページの知らない形式です。',
    notSigned:
      'ファイル中のチェックポイントがこの鍵で署名されていません。鍵が別の台帳のものか、チェックポイントが本物ではありません。',
    notInLedger: '署名された台帳のこの位置に、この記録はありません。',
    notCommitted:
      'ファイルにある個人に関する内容が、記録が確約した内容と一致しません。変更されたか、別の記録のものです。',
    rewritten: '新しい台帳が古い台帳から始まっていません。何かが変更されています。',
  },
  shown: {
    inclusion:
      '記録 {{index}} は、{{origin}} が署名した {{size}} 件の台帳に、以下のとおり存在します。',
    consistency:
      '{{latter}} 件の台帳の最初の {{former}} 件は、以前に署名されたものと同じです。変更も削除もされていません。',
  },
  entry: {
    kind: '種類',
    actor: '実行者',
    subject: '対象',
    occurred: '発生',
    recorded: '記録',
    whole: '記録の全文',
  },
  personal: {
    shown: '{{name}}（確約どおり）：{{told}}',
    erased: '{{name}}：{{told}} に消去。記録そのものの証明は有効です。',
    keptBack: '個人に関する内容はこのファイルに含まれていません。記録はそれなしで証明されます。',
  },
};

export const ledgerSearch: typeof englishSearch = {
  patient: '患者',
  patientHint: '患者 ID または受付番号',
  person: '人・サービス・装置',
  from: '開始',
  to: '終了',
  noneYet: 'ここまで調べた記録にはありません。さらに過去を調べてください。',
  further: 'さらに過去を調べる',
  looked_one: '調べた {{count}} 件中 {{found}} 件',
  looked_other: '調べた {{count}} 件中 {{found}} 件',
  badge: { signed: '署名済み', waits: '未署名' },
  isSigned:
    '署名済みチェックポイントが最初の {{signed}} 件、すなわち記録 {{index}} も保証しています。それを持つ人は、後の変更をすべて示せます。以下のファイルは、このサーバーを信頼せずにこれを証明します。',
  notSigned:
    'この記録を保証する署名済みチェックポイントはまだありません。約 1 分以内に作られます。',
  checkHere: 'このブラウザーで検証',
  offlinePage: 'サーバーなしで検証するページを保存',
  offlineMeaning: '一つのファイルで、オフラインで動作し、何も問い合わせません',
};
