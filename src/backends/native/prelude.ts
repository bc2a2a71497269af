/** The vector widths that the prelude supports. */
export type Width = 4 | 8 | 16;

const lanes = (width: number, of: (lane: number) => string): string =>
  Array.from({ length: width }, (_, lane) => of(lane)).join(", ");

/** x86 instructions that C has no operator for: calls of each compiler's builtins, by width. */
const x86: Readonly<Record<Width, Readonly<Record<string, readonly string[]>>>> = {
  4: {
    fma: ["__builtin_ia32_vfmaddps(a, b, c)"],
    sqrt: ["__builtin_ia32_sqrtps(a)"],
    max: ["__builtin_ia32_maxps(a, b)"],
    min: ["__builtin_ia32_minps(a, b)"],
    product: ["__builtin_ia32_pmuludq128((m32x4)a, (m32x4)b)"],
  },
  8: {
    fma: ["__builtin_ia32_vfmaddps256(a, b, c)"],
    sqrt: ["__builtin_ia32_sqrtps256(a)"],
    max: ["__builtin_ia32_maxps256(a, b)"],
    min: ["__builtin_ia32_minps256(a, b)"],
    product: ["__builtin_ia32_pmuludq256((m32x8)a, (m32x8)b)"],
  },
  // gcc's builtins with a mask of all lanes, then clang's; 4 keeps the current rounding mode.
  16: {
    fma: ["__builtin_ia32_vfmaddps512_mask(a, b, c, -1, 4)"],
    sqrt: ["__builtin_ia32_sqrtps512_mask(a, a, -1, 4)", "__builtin_ia32_sqrtps512(a, 4)"],
    max: ["__builtin_ia32_maxps512_mask(a, b, a, -1, 4)", "__builtin_ia32_maxps512(a, b, 4)"],
    min: ["__builtin_ia32_minps512_mask(a, b, a, -1, 4)", "__builtin_ia32_minps512(a, b, 4)"],
    product: [
      "__builtin_ia32_pmuludq512_mask((m32x16)a, (m32x16)b, (i64x16)a, 0xff)",
      "__builtin_ia32_pmuludq512((m32x16)a, (m32x16)b)",
    ],
  },
};
/** The macro that is defined if the target has vector instructions of a width. */
const extension: Readonly<Record<Width, string>> = { 4: "__SSE2__", 8: "__AVX2__", 16: "__AVX512F__" };

const has = (call: string): string => `__has_builtin(${call.slice(0, call.indexOf("("))})`;

/** A function with the first of several bodies whose condition holds, or else the last one. */
const firstOf = (signature: string, bodies: readonly (readonly [condition: string, body: string])[], last: string) =>
  [
    ...bodies.map(
      ([condition, body], k) => `#${k === 0 ? "if" : "elif"} ${condition}\n${signature} { return ${body}; }`,
    ),
    `${bodies.length > 0 ? "#else\n" : ""}${signature} { return ${last}; }`,
    ...(bodies.length > 0 ? ["#endif"] : []),
  ].join("\n");

/** Vector types of one width, and functions on them. */
function vectors(w: Width, fma: boolean): string {
  const vector = (element: string, name: string, bytes: number) =>
    `typedef ${element} ${name}${w} __attribute__((vector_size(${bytes}), aligned(${bytes / w === 1 ? 1 : 4}), may_alias));`;
  const splat = (t: string) => `INLINE ${t}${w} splat_${t}${w}(${t}1 x) { return (${t}${w}){${lanes(w, () => "x")}}; }`;
  const select = (t: string) =>
    `INLINE ${t}${w} select_${t}${w}(m32x${w} c, ${t}${w} a, ${t}${w} b) { return (${t}${w})((c & (m32x${w})a) | (~c & (m32x${w})b)); }`;
  const compare = (name: string, t: string, operator: string) =>
    `INLINE m32x${w} ${name}${w}(${t}${w} a, ${t}${w} b) { return (m32x${w})(a ${operator} b); }`;
  const onX86 = (name: string, also = ""): (readonly [string, string])[] =>
    x86[w][name]!.map((call) => [`defined(${extension[w]})${also} && ${has(call)}`, call]);
  const signature = (name: string, ...operands: readonly string[]) =>
    `INLINE f32x${w} ${name}${w}(${operands.map((x) => `f32x${w} ${x}`).join(", ")})`;
  return [
    vector("float", "f32x", 4 * w),
    vector("unsigned int", "u32x", 4 * w),
    vector("int", "m32x", 4 * w),
    vector("unsigned char", "u8x", w),
    // As many bytes as the others, so half as many elements.
    vector("long long", "i64x", 4 * w),
    vector("unsigned long long", "u64x", 4 * w),
    ...["f32x", "u32x", "m32x"].map(splat),
    ...["f32x", "u32x"].map(select),
    compare("greater", "f32x", ">"),
    compare("less", "f32x", "<"),
    compare("equal", "f32x", "=="),
    compare("same", "u32x", "=="),
    `INLINE u32x${w} widen${w}(const u8 *p) { return __builtin_convertvector(*(const u8x${w} *)p, u32x${w}); }`,
    `INLINE f32x${w} toFloat${w}(u32x${w} a) { return __builtin_convertvector(a, f32x${w}); }`,
    `INLINE f32x${w} floatFromBits${w}(u32x${w} a) { return (f32x${w})a; }`,
    `INLINE u32x${w} bitsFromFloat${w}(f32x${w} a) { return (u32x${w})a; }`,
    fma
      ? firstOf(
          signature("fma", "a", "b", "c"),
          [
            ["__has_builtin(__builtin_elementwise_fma)", "__builtin_elementwise_fma(a, b, c)"],
            ...onX86("fma", w === 16 ? "" : " && defined(__FMA__)"),
            ...(w === 4
              ? ([
                  [
                    "defined(__ARM_NEON) && defined(__ARM_FEATURE_FMA)",
                    "(f32x4)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b)",
                  ],
                ] as const)
              : []),
          ],
          `(f32x${w}){${lanes(w, (k) => `fma1(a[${k}], b[${k}], c[${k}])`)}}`,
        )
      : `${signature("fma", "a", "b", "c")} { return a * b + c; }`,
    firstOf(
      signature("sqrt", "a"),
      [
        ["__has_builtin(__builtin_elementwise_sqrt)", "__builtin_elementwise_sqrt(a)"],
        ...onX86("sqrt"),
        ...(w === 4 ? ([["defined(__aarch64__)", "(f32x4)vsqrtq_f32((float32x4_t)a)"]] as const) : []),
      ],
      `(f32x${w}){${lanes(w, (k) => `sqrt1(a[${k}])`)}}`,
    ),
    firstOf(signature("max", "a", "b"), onX86("max"), `select_f32x${w}(a > b, a, b)`),
    firstOf(signature("min", "a", "b"), onX86("min"), `select_f32x${w}(a < b, a, b)`),
    // Products of the even lanes; shifting both operands down gives those of the odd lanes.
    firstOf(
      `INLINE u64x${w} product${w}(u64x${w} a, u64x${w} b)`,
      onX86("product").map(([condition, call]) => [condition, `(u64x${w})${call}`] as const),
      "(a & 0xffffffffull) * (b & 0xffffffffull)",
    ),
    `INLINE u32x${w} mulHigh${w}(u32x${w} a, u32x${w} b) {
  u32x${w} even = (u32x${w})product${w}((u64x${w})a, (u64x${w})b);
  u32x${w} odd = (u32x${w})product${w}((u64x${w})a >> 32, (u64x${w})b >> 32);
  return SHUFFLE(even, odd, ((u32x${w}){${lanes(w, (k) => `${k % 2 === 0 ? k + 1 : w + k}`)}}), ${lanes(w, (k) => `${k % 2 === 0 ? k + 1 : w + k}`)});
}`,
  ].join("\n");
}

const scalars = (fma: boolean) => `typedef unsigned char u8;
typedef int i32;
typedef unsigned int u32;
typedef float f32x1 __attribute__((may_alias));
typedef unsigned int u32x1 __attribute__((may_alias));
typedef int m32x1;
INLINE f32x1 select_f32x1(m32x1 c, f32x1 a, f32x1 b) { return c ? a : b; }
INLINE u32x1 select_u32x1(m32x1 c, u32x1 a, u32x1 b) { return c ? a : b; }
INLINE m32x1 greater1(f32x1 a, f32x1 b) { return -(a > b); }
INLINE m32x1 less1(f32x1 a, f32x1 b) { return -(a < b); }
INLINE m32x1 equal1(f32x1 a, f32x1 b) { return -(a == b); }
INLINE m32x1 same1(u32x1 a, u32x1 b) { return -(a == b); }
INLINE u32x1 widen1(const u8 *p) { return *p; }
INLINE f32x1 toFloat1(u32x1 a) { return (f32x1)a; }
INLINE f32x1 floatFromBits1(u32x1 a) { f32x1 x; __builtin_memcpy(&x, &a, 4); return x; }
INLINE u32x1 bitsFromFloat1(f32x1 a) { u32x1 x; __builtin_memcpy(&x, &a, 4); return x; }
INLINE f32x1 fma1(f32x1 a, f32x1 b, f32x1 c) { return ${fma ? "__builtin_fmaf(a, b, c)" : "a * b + c"}; }
INLINE f32x1 sqrt1(f32x1 a) { return __builtin_sqrtf(a); }
INLINE f32x1 max1(f32x1 a, f32x1 b) { return a > b ? a : b; }
INLINE f32x1 min1(f32x1 a, f32x1 b) { return a < b ? a : b; }
INLINE u32x1 mulHigh1(u32x1 a, u32x1 b) { return (u32x1)(((unsigned long long)a * b) >> 32); }`;

/** The C types and functions that generated code uses. It needs no headers on x86, so it compiles quickly. */
export const prelude = (widths: readonly Width[], fma: boolean): string =>
  [
    "#ifndef __has_builtin\n#define __has_builtin(x) 0\n#endif",
    "#ifdef __ARM_NEON\n#include <arm_neon.h>\n#endif",
    "#define INLINE static inline __attribute__((always_inline, unused))",
    "#ifdef __clang__\n#define SHUFFLE(a, b, mask, ...) __builtin_shufflevector(a, b, __VA_ARGS__)\n#else\n#define SHUFFLE(a, b, mask, ...) __builtin_shuffle(a, b, mask)\n#endif",
    scalars(fma),
    ...widths.map((w) => vectors(w, fma)),
  ].join("\n");
