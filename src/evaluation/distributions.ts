import { exp, log } from "../base/math.ts";

/** P(X ≤ errors) for X ~ Binomial(count, risk), with 0 < risk < 1. */
export function binomialTail(errors: number, count: number, risk: number): number {
  let term = count * log(1 - risk);
  let sum = exp(term);
  for (let k = 1; k <= errors; k++) {
    term += log((count - k + 1) / k) + log(risk / (1 - risk));
    sum += exp(term);
  }
  return Math.min(1, sum);
}

/** Pieces of the integral; more change nothing in six digits. */
const PIECES = 4096;

/** Above this, Student's distribution and the normal one are the same in four digits. */
const MOST_DEGREES = 1e4;

/**
 * P(|T| > t) for Student's t with `degrees` degrees of freedom, which need not be whole. With t = √ν tan θ the density is
 * proportional to cos(θ)^(ν − 1), which Simpson's rule integrates.
 */
export function studentTail(t: number, degrees: number): number {
  const power = Math.min(degrees, MOST_DEGREES) - 1;
  const integral = (from: number): number => {
    const step = (Math.PI / 2 - from) / PIECES;
    let sum = 0;
    for (let k = 0; k <= PIECES; k++) {
      const weight = k === 0 || k === PIECES ? 1 : k % 2 === 1 ? 4 : 2;
      sum += weight * Math.max(0, Math.cos(from + k * step)) ** power;
    }
    return (sum * step) / 3;
  };
  return integral(Math.atan(Math.abs(t) / Math.sqrt(power + 1))) / integral(0);
}

/** The t for which P(|T| > t) is the given probability, by bisection. */
export function studentQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (studentTail(high, degrees) > probability) high *= 2;
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, degrees) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
