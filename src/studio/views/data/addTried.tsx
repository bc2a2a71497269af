import { useState } from "preact/hooks";
import { dataActions } from "../../dataActions.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";

/** Adds the picture that is tried to a class. */
export function AddTried() {
  const classes = state.data.value?.classes ?? [];
  const [chosen, setChosen] = useState<number>();
  const label = classes.some((one) => one.label === chosen) ? chosen : classes[0]?.label;
  if (label === undefined) return null;
  return (
    <p class="add-tried small">
      <button type="button" class="small" onClick={() => dataActions.addTried(label)}>
        {texts.classes.addTried}
      </button>{" "}
      <select
        aria-label={texts.browse.class}
        value={label}
        onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
      >
        {classes.map((one) => (
          <option value={one.label}>{one.name}</option>
        ))}
      </select>
    </p>
  );
}
