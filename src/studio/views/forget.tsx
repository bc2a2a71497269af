import { useEffect, useRef, useState } from "preact/hooks";
import { actions } from "../actions.ts";
import { texts } from "../texts.ts";

/** Deletes all that is stored, once that is confirmed, since nothing brings it back. */
export function Forget() {
  const [isAsked, setAsked] = useState(false);
  const cancel = useRef<HTMLButtonElement>(null);
  // It takes the place of the button that was pressed.
  useEffect(() => cancel.current?.focus(), [isAsked]);
  const forget = () => {
    setAsked(false);
    void actions.forget();
  };
  if (!isAsked)
    return (
      <button type="button" class="small" onClick={() => setAsked(true)}>
        {texts.forget}
      </button>
    );
  return (
    <span class="row">
      <b role="status">{texts.forgetWhat}</b>
      <button ref={cancel} type="button" class="small" onClick={() => setAsked(false)}>
        {texts.cancel}
      </button>
      <button type="button" class="small danger" onClick={forget}>
        {texts.forget}
      </button>
    </span>
  );
}
