/** What a picture is like to look at. Levels of grey are from 0, black, to 255. */
export interface PictureLook {
  /** Mean level. */
  brightness: number;
  /** Standard deviation of the levels. */
  contrast: number;
  /**
   * Variance of the Laplacian, the usual measure of focus: how much each pixel differs from those around it.
   * What is out of focus, or moved, has little of it. Pertuz et al., 2013, compare such measures.
   */
  sharpness: number;
}

/** @param levels of grey, row by row */
export function measurePicture(levels: Uint8Array, width: number): PictureLook {
  const { mean, variance } = momentsOf(levels.length, (n) => levels[n]!);
  const [columns, rows] = [width - 2, levels.length / width - 2];
  const laplacian = momentsOf(Math.max(0, columns) * Math.max(0, rows), (n) => {
    const at = (Math.floor(n / columns) + 1) * width + (n % columns) + 1;
    const around = levels[at - 1]! + levels[at + 1]! + levels[at - width]! + levels[at + width]!;
    return 4 * levels[at]! - around;
  });
  return { brightness: mean, contrast: Math.sqrt(variance), sharpness: laplacian.variance };
}

function momentsOf(count: number, valueAt: (n: number) => number) {
  let [sum, squares] = [0, 0];
  for (let n = 0; n < count; n++) {
    const value = valueAt(n);
    sum += value;
    squares += value * value;
  }
  if (count === 0) return { mean: 0, variance: 0 };
  const mean = sum / count;
  return { mean, variance: Math.max(0, squares / count - mean * mean) };
}
