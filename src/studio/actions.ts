import { effect } from "@preact/signals";
import type { Picture } from "../image/picture.ts";
import type { Overrides } from "../training/index.ts";
import { attempt, keepForGood, take, workbench } from "./ask.ts";
import { isServed } from "./connect.ts";
import { formatLink, parseLink } from "./link.ts";
import { keepOffline, useNewVersion } from "./offline.ts";
import { receive } from "./receive.ts";
import type { Settings } from "./settings.ts";
import { isUnderWay, state } from "./state.ts";
import type { ExportForm } from "./workbench.ts";

/** Whether the network that is shown has been trained with these settings. */
const isTrainedWith = (settings: Settings): boolean =>
  JSON.stringify(state.network.value?.settings) === JSON.stringify(settings);

/** A record without what is undefined. */
const given = (record: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** Says what the settings come to whenever they or the data change. */
const keepPlanned = () =>
  effect(() => {
    const [settings, division] = [state.settings.value, state.division.value];
    if (!division) return;
    workbench.plan(settings).then(
      (plan) => {
        state.plan.value = plan;
      },
      (error: Error) => {
        state.problem.value = error.message;
      },
    );
  });

/** What the user can do with the network, its training and its runs. */
export const actions = {
  /** Opens what there is, and trains if the page was opened by a link. */
  async begin(): Promise<void> {
    keepPlanned();
    const link = parseLink(location.hash);
    state.link.value = link;
    if (link) state.settings.value = link.settings;
    const about = await attempt(workbench.begin());
    state.about.value = about;
    if (about && !isServed()) void keepOffline(receive);
    // A server may be training for another page.
    if (link && about && !(isServed() && isUnderWay.value))
      await attempt(workbench.openLetters().then(() => workbench.start(link.settings)));
  },
  update: useNewVersion,
  start(): Promise<void> {
    void keepForGood();
    return attempt(workbench.start(state.settings.value));
  },
  pause: () => attempt(workbench.pause()),
  resume: () => attempt(workbench.resume()),
  step: () => attempt(workbench.step(state.settings.value)),
  reset: () => attempt(workbench.reset()),
  /** Changes settings; what is undefined is as the recipe has it. */
  set(change: { readonly [K in keyof Settings]?: Settings[K] | undefined }): void {
    state.settings.value = given({ ...state.settings.value, ...change }) as unknown as Settings;
  },
  override(change: Overrides): void {
    actions.set({ overrides: given({ ...state.settings.value.overrides, ...change }) });
  },
  /** Another recipe, with its own network. */
  setRecipe: (recipe: string) => actions.set({ recipe, layers: undefined, optimizer: undefined }),
  sweep: () => attempt(workbench.sweep(state.settings.value)),
  stopSweep: () => attempt(workbench.stopSweep()),
  closeSweep(): void {
    state.sweep.value = undefined;
  },
  showRun: (id: string, busy: string) => attempt(workbench.showRun(id), busy),
  async deleteRun(id: string): Promise<void> {
    state.compared.value = state.compared.value.filter((one) => one !== id);
    await attempt(workbench.deleteRun(id));
  },
  compare(id: string, isOn: boolean): void {
    const others = state.compared.value.filter((one) => one !== id);
    state.compared.value = isOn ? [...others, id] : others;
  },
  explain(isOn: boolean): Promise<unknown> {
    state.explains.value = isOn;
    return attempt(workbench.explain(isOn));
  },
  async drawMap(busy: string): Promise<void> {
    state.map.value = await attempt(workbench.map(), busy);
  },
  look: (picture: Picture | Blob) => attempt(workbench.look(picture)),
  export: (form: ExportForm, busy: string) => take(workbench.export(form), busy),
  saveRun: (busy: string) => take(workbench.saveRun(), busy),
  forget: () => attempt(workbench.forget().then(() => workbench.openLetters())),
  /** The address of this page with the settings in it. */
  linkHere(): string {
    const settings = state.settings.value;
    const { budget, initFrom } = settings;
    // Where others would come to other weights, the link does not say to which.
    const isRepeatable = budget === undefined && initFrom === undefined && isTrainedWith(settings);
    const weights = isRepeatable ? state.result.value?.weightsSha256 : undefined;
    const fragment = formatLink({ settings, ...(weights !== undefined && { weights }) });
    return `${location.origin}${location.pathname}#${fragment}`;
  },
};
