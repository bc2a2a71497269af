import { useState } from "preact/hooks";
import { actions } from "../actions.ts";
import { state } from "../state.ts";
import { texts } from "../texts.ts";

/** Copies a link with recipe and settings. Data of one's own are not in links, so there is none of them. */
export function CopyLink({ class: kind }: { readonly class: string }) {
  const [isCopied, setCopied] = useState(false);
  if (state.data.value?.source !== "letters" || state.data.value.edits.isEdited) return null;
  const copy = async () => {
    const link = actions.linkHere();
    history.replaceState(null, "", link);
    await navigator.clipboard?.writeText(link).catch(() => {}); // the address bar has it
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" class={kind} onClick={copy}>
      {isCopied ? texts.copied : texts.copyLink}
    </button>
  );
}
