import { Bar } from "../components/bar.tsx";
import { contentPolicy, type Page, renderPage } from "./page.tsx";
import { servePageScript } from "./servePageScript.ts";

/**
 * A page to try the models of a server, and the Content-Security-Policy to send with it. It says nothing about the models
 * itself: its script asks the server, with the token of the visitor if one is needed.
 */
export function servePage(needsToken: boolean): { readonly html: string; readonly policy: string } {
  const page: Page = {
    title: "Try a model",
    parts: [
      { id: "pictures", title: "Pictures", content: <Form needsToken={needsToken} /> },
      { id: "answers", title: "Answers", content: <Answers /> },
      { id: "programs", title: "From a program", content: <Programs needsToken={needsToken} /> },
    ],
    script: servePageScript,
    connects: true,
  };
  return { html: renderPage(page), policy: contentPolicy(page) };
}

const Form = ({ needsToken }: { readonly needsToken: boolean }) => (
  <>
    <div class="fields">
      {needsToken && (
        <label>
          Token
          <input id="token" type="password" autocomplete="off" />
        </label>
      )}
      <label>
        Model
        <select id="model" />
      </label>
    </div>
    <p id="classes" class="soft" />
    <label id="drop" class="drop">
      <span>Drop pictures here, paste one, or choose files</span>
      <input id="files" type="file" accept="image/*" multiple />
    </label>
    <p id="problem" class="warn" role="alert" />
  </>
);

/** The answers, and what the script copies for each. */
const Answers = () => (
  <>
    <p id="none" class="soft">
      None yet.
    </p>
    <div id="list" class="cards" aria-live="polite" />
    <template id="answer">
      <article class="card suspect">
        <img alt="" width="84" height="84" />
        <dl class="odds" />
        <div class="file small soft" />
      </article>
    </template>
    <template id="odds">
      <dt />
      <dd>
        <Bar pieces={[{ share: 0 }]} />
        <span class="number" />
      </dd>
    </template>
  </>
);

const Programs = ({ needsToken }: { readonly needsToken: boolean }) => (
  <>
    <p class="prose">
      Send a picture file to <code>/v1/predict</code>; several as the files of a form, or in JSON as base64. The answer
      is that of <code>inkling predict --json</code>. <a href="/openapi.json">openapi.json</a> describes everything.
    </p>
    <p class="command">
      <code>
        curl {needsToken && '-H "Authorization: Bearer $INKLING_TOKEN" '}--data-binary @photo.jpg{" "}
        <span id="address">http://localhost:8000</span>/v1/predict
      </code>
    </p>
  </>
);
