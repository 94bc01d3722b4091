/** Questions and acts about who may sign in. */
import { document } from './client';
import type { Refusal, Role, Viewer } from './types';

export type AccountChangeKind =
  | 'ADDED'
  | 'ROLES_CHANGED'
  | 'DISABLED'
  | 'ENABLED'
  | 'PASSWORD_RESET'
  | 'PASSWORD_CHANGED'
  | 'PASSKEY_ADDED'
  | 'PASSKEY_REVOKED';
export interface AccountChange {
  number: number;
  kind: AccountChangeKind;
  roles: Role[];
  formerRoles: Role[];
  at: string;
  /** Printed name. */
  by: string;
  reason: string;
}
export interface UserAccount {
  id: string;
  username: string;
  printedName: string;
  roles: Role[];
  createdAt: string;
  /** Since when nobody signs in with it. */
  disabledAt: string | null;
  /** How long the password may be used that was made for the person; null once they chose one. */
  temporaryUntil: string | null;
  lastSignedInAt: string | null;
  /** Newest first. */
  history: AccountChange[];
}
/** A password that is shown this once. */
export interface IssuedPassword {
  username: string;
  password: string;
  until: string;
}
interface AccountOutcome {
  account: { id: string } | null;
  refusal: Refusal | null;
}
export interface IssuedOutcome {
  issued: IssuedPassword | null;
  refusal: Refusal | null;
}
interface OfAccount {
  input: { username: string; reason: string };
}

const REFUSAL = 'refusal { code message remedy }';
const ISSUED = `issued { username password until } ${REFUSAL}`;

export const userAccountsQuery = document<{ userAccounts: UserAccount[] }>(
  `query UserAccounts { userAccounts { id username printedName roles createdAt disabledAt temporaryUntil
    lastSignedInAt history { number kind roles formerRoles at by reason } } }`,
);
export const addAccountMutation = document<
  { addAccount: IssuedOutcome },
  { input: { username: string; printedName: string; roles: Role[]; reason: string } }
>(`mutation AddAccount($input: AddAccountInput!) { addAccount(input: $input) { ${ISSUED} } }`);
export const changeAccountRolesMutation = document<
  { changeAccountRoles: AccountOutcome },
  { input: { username: string; roles: Role[]; reason: string } }
>(
  `mutation ChangeAccountRoles($input: ChangeAccountRolesInput!) {
    changeAccountRoles(input: $input) { account { id } ${REFUSAL} } }`,
);
export const disableAccountMutation = document<{ disableAccount: AccountOutcome }, OfAccount>(
  `mutation DisableAccount($input: DisableAccountInput!) {
    disableAccount(input: $input) { account { id } ${REFUSAL} } }`,
);
export const enableAccountMutation = document<{ enableAccount: AccountOutcome }, OfAccount>(
  `mutation EnableAccount($input: EnableAccountInput!) {
    enableAccount(input: $input) { account { id } ${REFUSAL} } }`,
);
export const resetPasswordMutation = document<{ resetPassword: IssuedOutcome }, OfAccount>(
  `mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) { ${ISSUED} } }`,
);
export const changePasswordMutation = document<
  { changePassword: { viewer: Viewer | null; refusal: Refusal | null } },
  { input: { presentPassword: string; newPassword: string } }
>(
  `mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      viewer { id username printedName roles idleLockMinutes demo hasSigned mustChangePassword }
      ${REFUSAL} } }`,
);
