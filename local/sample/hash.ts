/** A 32-bit mix in which every input bit reaches every output bit: our only source of chance. */
export function hash32(value: number): number {
  let x = (value + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** A number in [0, 1) that depends on `value` and `salt` alone. */
export function hashUnit(value: number, salt: number): number {
  return hash32(value ^ Math.imul(salt, 0x85ebca6b)) / 2 ** 32;
}
