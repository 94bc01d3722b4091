/** What a person may do: any of the roles, each with what it means. */
import { useTranslation } from 'react-i18next';
import type { Role } from '../../api/types';

const ROLES: readonly Role[] = [
  'RADIOLOGIST',
  'ADJUDICATOR',
  'QUALITY',
  'ADMINISTRATOR',
  'CLINICAL_OWNER',
  'PHYSICIST',
  'COORDINATOR',
];

interface RoleChoiceProps {
  chosen: readonly Role[];
  onChange: (roles: Role[]) => void;
}

export function RoleChoice({ chosen, onChange }: RoleChoiceProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="role-choice">
      <legend>{t('people.account.roles')}</legend>
      {ROLES.map((role) => (
        <label key={role}>
          <input
            type="checkbox"
            checked={chosen.includes(role)}
            onChange={({ target }) =>
              onChange(
                ROLES.filter((one) => (one === role ? target.checked : chosen.includes(one))),
              )
            }
          />
          <span>
            {t(`people.role.${role}`)}
            <br />
            <span className="small muted">{t(`people.roleMeaning.${role}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
