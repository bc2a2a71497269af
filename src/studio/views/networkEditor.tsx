import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LayerField } from "../../layers/fields.ts";
import type { LayerConfig } from "../../layers/index.ts";
import { actions } from "../actions.ts";
import { settled, shownValue, typedValue, written } from "../layers.ts";
import { isUnderWay, state } from "../state.ts";
import { texts } from "../texts.ts";
import { compact } from "./compact.ts";

/** What has the keyboard's focus after a change: a part of a row. */
interface Focus {
  readonly row: number;
  readonly part: string;
}

/**
 * The layers of the network: their settings, shapes and costs. They can be changed, moved, removed and added; what is wrong
 * stands at the layer that causes it.
 */
export function NetworkEditor() {
  const [plan, infos] = [state.plan.value, state.about.value?.layers ?? []];
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<Focus | undefined>(undefined);
  useLayoutEffect(() => {
    if (!focus.current) return;
    const { row, part } = focus.current;
    focus.current = undefined;
    list.current?.children[row]?.querySelector<HTMLElement>(`[data-part="${part}"]`)?.focus();
  });
  const own = state.settings.value.layers;
  const layers = own ?? written(plan?.layers.map(({ config }) => config) ?? [], infos);
  const change = (next: readonly LayerConfig[], to: Focus, what: string) => {
    focus.current = to;
    setSaid(what);
    actions.set({ layers: settled(next) });
  };
  const move = (from: number, to: number, part: string) => {
    if (to < 0 || to >= layers.length) return;
    const others = layers.toSpliced(from, 1);
    const what = texts.movedLayer(layers[from]!.type, to + 1, layers.length);
    change(others.toSpliced(to, 0, layers[from]!), { row: to, part }, what);
  };
  const remove = (row: number) =>
    change(
      layers.toSpliced(row, 1),
      { row: Math.min(row, layers.length - 2), part: "remove" },
      texts.removedLayer(layers[row]!.type),
    );
  const add = (type: string, after: number) => {
    const { usual = {} } = infos.find((info) => info.type === type) ?? {};
    const what = texts.addedLayer(type, after + 2);
    change(layers.toSpliced(after + 1, 0, { type, ...usual }), { row: after + 1, part: "head" }, what);
  };
  const set = (row: number, name: string, value: unknown) => {
    const settings = Object.entries({ ...layers[row]!, [name]: value }).filter(([, one]) => one !== undefined);
    const changed = Object.fromEntries(settings) as unknown as LayerConfig;
    actions.set({ layers: settled(layers.with(row, changed)) });
  };
  return (
    <div class="editor">
      <ol class="layers" ref={list} aria-label={texts.layers}>
        {layers.map((layer, row) => (
          <Row
            key={row}
            {...{ layer, row, last: layers.length - 1 }}
            fields={infos.find(({ type }) => type === layer.type)?.fields ?? []}
            onSet={(name, value) => set(row, name, value)}
            onMove={(by, part) => move(row, row + by, part)}
            onRemove={() => remove(row)}
          />
        ))}
      </ol>
      <Adding layers={layers} onAdd={add} />
      {own && (
        <button
          type="button"
          class="small"
          disabled={isUnderWay.value}
          onClick={() => actions.set({ layers: undefined })}
        >
          {texts.recipesNetwork(state.settings.value.recipe)}
        </button>
      )}
      <p class="unseen" role="status">
        {said}
      </p>
    </div>
  );
}

interface RowProps {
  readonly layer: LayerConfig;
  readonly row: number;
  readonly last: number;
  readonly fields: readonly LayerField[];
  readonly onSet: (name: string, value: unknown) => void;
  readonly onMove: (by: number, part: string) => void;
  readonly onRemove: () => void;
}

/** A layer. Alt with the arrow keys moves it. */
function Row({ layer, row, last, fields, onSet, onMove, onRemove }: RowProps) {
  const plan = state.plan.value;
  const planned = plan?.layers[row];
  const problem = plan?.problem?.layer === row ? plan.problem.message : undefined;
  const [isOpen, setOpen] = useState(false);
  const isFixed = isUnderWay.value;
  const isInSight = ({ name, kind, isRequired }: LayerField) => isRequired || (name in layer && kind !== "initializer");
  const [inSight, others] = [true, false].map((is) => fields.filter((one) => isInSight(one) === is));
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
    if (by === undefined || isFixed) return;
    event.preventDefault();
    onMove(by, (event.target as HTMLElement).dataset["part"] ?? "up");
  };
  const input = (field: LayerField) => <FieldInput key={field.name} {...{ field, layer, onSet }} />;
  return (
    <li class={problem === undefined ? "" : "wrong"} onKeyDown={onKeyDown}>
      <div class="layer">
        <span class="ordinal soft">{row + 1}</span>
        <span class="layer-about">
          <b>{layer.type}</b>
          {planned && (
            <span class="costs soft">
              <span>{planned.shape.join("×")}</span>
              {planned.parameters > 0 && <span>{texts.parameters(compact(planned.parameters))}</span>}
              {planned.multiplyAdds > 0 && <span>{texts.multiplyAdds(compact(planned.multiplyAdds))}</span>}
            </span>
          )}
        </span>
        <span class="layer-fields">{inSight!.map(input)}</span>
        <span class="moves">
          <RowButton
            part="head"
            label={texts.moreOfLayer(layer.type)}
            sign="⋯"
            isExpanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
          <RowButton
            part="up"
            label={texts.moveUp(layer.type)}
            sign="↑"
            isOff={isFixed || row === 0}
            onClick={() => onMove(-1, "up")}
          />
          <RowButton
            part="down"
            label={texts.moveDown(layer.type)}
            sign="↓"
            isOff={isFixed || row === last}
            onClick={() => onMove(1, "down")}
          />
          <RowButton
            part="remove"
            label={texts.removeLayer(layer.type)}
            sign="✕"
            isOff={isFixed || last === 0}
            onClick={onRemove}
          />
        </span>
      </div>
      {problem !== undefined && (
        <p class="warn small" role="alert">
          {problem}
        </p>
      )}
      {isOpen && (
        <div class="layer-fields more">
          {others!.map(input)}
          <PlainField
            label={texts.layerName}
            value={layer.name ?? ""}
            placeholder={planned?.config.name ?? ""}
            onSet={(text) => onSet("name", text || undefined)}
          />
          <PlainField
            label={texts.layerInputs}
            value={layer.inputs?.join(", ") ?? ""}
            placeholder={texts.layerBefore}
            onSet={(text) => onSet("inputs", text === "" ? undefined : text.split(",").map((name) => name.trim()))}
          />
        </div>
      )}
    </li>
  );
}

interface RowButtonProps {
  readonly part: string;
  readonly label: string;
  readonly sign: string;
  readonly isOff?: boolean;
  /** For a button that shows more or hides it: whether it is shown. */
  readonly isExpanded?: boolean;
  readonly onClick: () => void;
}

const RowButton = ({ part, label, sign, isOff = false, isExpanded, onClick }: RowButtonProps) => (
  <button
    type="button"
    class="small"
    data-part={part}
    aria-label={label}
    title={label}
    disabled={isOff}
    {...(isExpanded !== undefined && { "aria-expanded": isExpanded })}
    onClick={onClick}
  >
    {sign}
  </button>
);

interface FieldInputProps {
  readonly field: LayerField;
  readonly layer: LayerConfig;
  readonly onSet: RowProps["onSet"];
}

/** The input for a setting of a layer, by its kind. */
function FieldInput({ field: { name, kind, choices = [], default: usual }, layer, onSet }: FieldInputProps) {
  const value = (layer as unknown as Readonly<Record<string, unknown>>)[name];
  const shownAs = kind === "initializer" ? initializerWords : shownValue;
  const onChange = ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
    onSet(name, typedValue(kind, currentTarget.value));
  if (kind === "number" || kind === "values")
    return (
      <PlainField
        label={name}
        value={shownValue(value)}
        placeholder={shownValue(usual)}
        onSet={(text) => onSet(name, typedValue(kind, text))}
      />
    );
  const [shown, otherwise] = [shownAs(value), shownAs(usual)];
  const known = kind === "flag" ? ["true", "false"] : choices;
  const all = known.includes(shown) || shown === "" ? known : [...known, shown];
  return (
    <label class="field">
      <span>{name}</span>
      <select disabled={isUnderWay.value} value={shown} onChange={onChange}>
        <option value="">{otherwise === "" ? texts.unset : otherwise}</option>
        {all
          .filter((one) => one !== otherwise)
          .map((one) => (
            <option value={one}>{one}</option>
          ))}
      </select>
    </label>
  );
}

/** An initializer in words, such as constant 0.1. */
const initializerWords = (value: unknown): string => Object.values((value as object | undefined) ?? {}).join(" ");

interface PlainFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onSet: (text: string) => void;
}

const PlainField = ({ label, value, placeholder, onSet }: PlainFieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input
      type="text"
      size={Math.min(9, Math.max(3, value.length, placeholder.length))}
      {...{ value, placeholder }}
      disabled={isUnderWay.value}
      onChange={({ currentTarget }) => onSet(currentTarget.value.trim())}
    />
  </label>
);

interface AddingProps {
  readonly layers: readonly LayerConfig[];
  readonly onAdd: (type: string, after: number) => void;
}

/** Adds a layer of a type after one of the others, or before all. */
function Adding({ layers, onAdd }: AddingProps) {
  const infos = state.about.value?.layers ?? [];
  const [type, setType] = useState("conv2d");
  const [after, setAfter] = useState(0);
  const place = Math.min(after, layers.length - 1);
  const isFixed = isUnderWay.value;
  return (
    <p class="row">
      <label class="field">
        <span>{texts.newLayer}</span>
        <select disabled={isFixed} value={type} onChange={({ currentTarget }) => setType(currentTarget.value)}>
          {infos.map((info) => (
            <option value={info.type}>{info.type}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{texts.after}</span>
        <select
          disabled={isFixed}
          value={String(place)}
          onChange={({ currentTarget }) => setAfter(Number(currentTarget.value))}
        >
          <option value="-1">{texts.theInput}</option>
          {layers.map((layer, row) => (
            <option value={String(row)}>{`${row + 1} ${layer.type}`}</option>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={isFixed}
        onClick={() => {
          onAdd(type, place);
          setAfter(place + 1);
        }}
      >
        {texts.addLayer}
      </button>
    </p>
  );
}
