interface ChoiceProps<Value extends string> {
  /** What is chosen, for those who cannot see it; unique on its page. */
  readonly label: string;
  /** The text of each value. */
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** A choice of a few values, all of them in sight. */
export function Choice<Value extends string>({ label, options, value, onChange }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {(Object.entries(options) as [Value, string][]).map(([key, text]) => (
        <label>
          <input type="radio" name={label} value={key} checked={key === value} onChange={() => onChange(key)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
