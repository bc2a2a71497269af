import { render } from "preact";
import { theme } from "../report/theme.ts";
import { actions } from "./actions.ts";
import { style } from "./style.ts";
import { App } from "./views/app.tsx";

/* The script of the studio's page. */

const sheet = new CSSStyleSheet();
sheet.replaceSync(theme + style);
document.adoptedStyleSheets = [sheet];
render(<App />, document.body);
void actions.begin();
