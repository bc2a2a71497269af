import type { CFunction } from "./render.ts";

/** The largest number of axes of a kernel. */
const MAX_AXES = 8;

/**
 * The part of the library that Node loads: an addon whose exports are the kernels by number. Each takes the
 * memory as a `Uint8Array`, followed by its axes. Node-API is stable across versions of Node, so its functions are
 * declared here and no header is needed (https://nodejs.org/api/n-api.html).
 */
export function renderAddon(kernels: readonly CFunction[]): string {
  const wide = kernels.find((k) => k.parameters > MAX_AXES);
  if (wide) throw new Error(`native: ${wide.name} has ${wide.parameters} axes, at most ${MAX_AXES}`);
  const call = ({ identifier, parameters }: CFunction, k: number) => {
    const axes = Array.from({ length: parameters }, (_, i) => `, a[${i}]`).join("");
    return `static void call${k}(u8 *m, const i32 *a) { ${identifier}(m${axes}); }\n`;
  };
  return `typedef unsigned char u8;
typedef int i32;
typedef unsigned long long size;
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
int napi_get_cb_info(napi_env, napi_callback_info, size *, napi_value *, napi_value *, void **);
int napi_get_value_int32(napi_env, napi_value, i32 *);
int napi_get_typedarray_info(napi_env, napi_value, int *, size *, void **, napi_value *, size *);
int napi_create_function(napi_env, const char *, size, napi_callback, void *, napi_value *);
int napi_set_element(napi_env, napi_value, unsigned int, napi_value);
${kernels.map((k) => `${k.prototype};\n`).join("")}${kernels.map(call).join("")}typedef void (*kernel)(u8 *, const i32 *);
static const kernel kernels[] = { ${kernels.map((_, k) => `call${k}`).join(", ")} };
static napi_value run(napi_env env, napi_callback_info info) {
  napi_value values[${MAX_AXES + 1}];
  size count = ${MAX_AXES + 1};
  i32 axes[${MAX_AXES}] = { 0 };
  void *kernel_, *memory;
  if (napi_get_cb_info(env, info, &count, values, 0, &kernel_) != 0 || count == 0) return 0;
  if (napi_get_typedarray_info(env, values[0], 0, 0, &memory, 0, 0) != 0) return 0;
  for (size k = 1; k < count && k <= ${MAX_AXES}; k++) napi_get_value_int32(env, values[k], &axes[k - 1]);
  (*(const kernel *)kernel_)(memory, axes);
  return 0;
}
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  for (unsigned int k = 0; k < ${kernels.length}; k++) {
    napi_value made;
    if (napi_create_function(env, "kernel", 6, run, (void *)&kernels[k], &made) != 0) return 0;
    napi_set_element(env, exports, k, made);
  }
  return exports;
}
`;
}
