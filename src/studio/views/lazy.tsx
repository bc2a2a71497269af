import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component without properties that is loaded when it is first shown; until then, nothing is. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined;
  return () => {
    const [Component, setComponent] = useState<{ readonly is: ComponentType } | undefined>(loaded && { is: loaded });
    useEffect(() => {
      if (Component) return;
      void load().then((component) => {
        loaded = component;
        setComponent({ is: component });
      });
    }, []);
    return Component ? <Component.is /> : null;
  };
}
