import { render } from "preact";
import { studio } from "../report/style/studio.ts";
import { theme } from "../report/style/theme.ts";
import { actions } from "./actions.ts";
import { App } from "./views/app.tsx";

/* The script of the studio's page. */

const sheet = new CSSStyleSheet();
sheet.replaceSync(theme + studio);
document.adoptedStyleSheets = [sheet];
render(<App />, document.body);
void actions.begin();
