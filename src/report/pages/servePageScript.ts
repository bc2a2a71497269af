/** What the script reads of the server's answers. */
interface Answer {
  readonly pictures: readonly {
    readonly name: string;
    readonly blank?: boolean;
    readonly ranking: readonly { readonly label: string; readonly probability: number }[];
    readonly steps: readonly string[];
  }[];
}

interface ServedModel {
  readonly name: string;
  readonly classes: readonly string[];
}

/**
 * The script of the page to try the models of a server: sends pictures that are dropped, pasted or chosen, one request
 * each, and shows the answers, the newest first. Its source text is inserted into the page, so it cannot refer to anything
 * outside itself.
 */
export function servePageScript(): void {
  const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
  const [model, drop, files] = [byId<HTMLSelectElement>("model"), byId("drop"), byId<HTMLInputElement>("files")];
  const token = byId<HTMLInputElement>("token") as HTMLInputElement | null;
  let models: readonly ServedModel[] = [];

  /** The JSON that the server answers. Throws its message if it refuses. */
  async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = token ? { Authorization: `Bearer ${token.value}` } : {};
    const response = await fetch(path, { ...init, headers: { ...init.headers, ...headers } });
    const json = await response.json();
    if (!response.ok) throw new Error(json.error.message);
    return json;
  }

  const reported = (work: Promise<void>) =>
    work.then(
      () => {
        byId("problem").textContent = "";
      },
      (error: Error) => {
        byId("problem").textContent = error.message;
      },
    );

  function showClasses(): void {
    const chosen = models.find(({ name }) => name === model.value);
    const some = chosen?.classes.slice(0, 20).join(", ");
    byId("classes").textContent = chosen
      ? `${chosen.classes.length} classes: ${some}${chosen.classes.length > 20 ? ", …" : ""}`
      : "";
  }

  async function loadModels(): Promise<void> {
    ({ models } = await request<{ models: readonly ServedModel[] }>("/v1/models"));
    model.replaceChildren(...models.map(({ name }) => new Option(name, name)));
    showClasses();
  }

  const dataUrl = (file: File): Promise<string> =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });

  const copyOf = (id: string) => byId<HTMLTemplateElement>(id).content.cloneNode(true) as DocumentFragment;

  function oddsOf(label: string, probability: number, isBest: boolean): DocumentFragment {
    const odds = copyOf("odds");
    const percent = `${(100 * probability).toFixed(1)} %`;
    odds.querySelector("dt")!.textContent = label;
    odds.querySelector("dt")!.title = label;
    odds.querySelector("rect")!.setAttribute("width", `${100 * probability}%`);
    odds.querySelector(".number")!.textContent = percent;
    if (isBest) for (const element of odds.querySelectorAll("dt, svg")) element.classList.add("suggested");
    return odds;
  }

  async function classify(file: File): Promise<void> {
    const path = `/v1/models/${encodeURIComponent(model.value)}/predict?top=5&explain=true`;
    const headers = { "Content-Type": "application/octet-stream" };
    const { pictures } = await request<Answer>(path, { method: "POST", body: file, headers });
    const [{ ranking, steps, blank }] = pictures as [Answer["pictures"][number]];
    const answer = copyOf("answer");
    const image = answer.querySelector("img")!;
    image.src = await dataUrl(file);
    image.alt = `${file.name || "picture"}: ${ranking[0]!.label}`;
    answer
      .querySelector(".odds")!
      .append(...ranking.map(({ label, probability }, k) => oddsOf(label, probability, k === 0)));
    const lines = [file.name || "pasted picture", ...(blank ? ["the picture is blank"] : []), ...steps];
    answer
      .querySelector(".file")!
      .append(...lines.flatMap((line, k) => (k === 0 ? [line] : [document.createElement("br"), line])));
    byId("list").prepend(answer);
    byId("none").hidden = true;
  }

  /** One after the other, so that the answers have the order of the files. */
  async function classifyAll(list: Iterable<File>): Promise<void> {
    for (const file of list) await classify(file);
  }

  for (const [event, isOver] of [
    ["dragover", true],
    ["dragleave", false],
    ["drop", false],
  ] as const)
    document.addEventListener(event, (dragged) => {
      dragged.preventDefault();
      drop.classList.toggle("over", isOver);
      if (event === "drop") void reported(classifyAll(dragged.dataTransfer!.files));
    });
  document.addEventListener("paste", ({ clipboardData }) => void reported(classifyAll(clipboardData!.files)));
  files.addEventListener("change", () => void reported(classifyAll([...files.files!])).then(() => (files.value = "")));
  model.addEventListener("change", showClasses);
  token?.addEventListener("change", () => void reported(loadModels()));
  byId("address").textContent = location.origin;
  if (!token) void reported(loadModels());
}
