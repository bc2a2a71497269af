import { type ComponentType, hydrate } from "preact";
import { liveComponents } from "../components/live.tsx";
import { type Pictures, PicturesContext } from "../components/pictures.tsx";

/* The script of pages with live components, bundled with these into `liveSource.js`. */

const pictures = document.getElementById("pictures");
const shared = pictures ? (JSON.parse(pictures.textContent!) as Pictures) : undefined;

for (const place of document.querySelectorAll<HTMLElement>("[data-live]")) {
  const Component = liveComponents[place.dataset["live"] as keyof typeof liveComponents] as ComponentType;
  const content = <Component {...JSON.parse(place.nextElementSibling!.textContent!)} />;
  hydrate(shared ? <PicturesContext value={shared}>{content}</PicturesContext> : content, place);
}
