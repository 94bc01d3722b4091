/** Why somebody does something, in their words. */

/** What the server takes as a reason, characters. */
export const REASON_LENGTH = { min: 3, max: 500 } as const;

interface ReasonInputProps {
  label: string;
  value: string;
  onChange: (reason: string) => void;
  placeholder?: string;
  className?: string;
}

export function ReasonInput({ label, value, onChange, placeholder, className }: ReasonInputProps) {
  return (
    <label className={className}>
      {label}
      <input
        required
        minLength={REASON_LENGTH.min}
        maxLength={REASON_LENGTH.max}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
