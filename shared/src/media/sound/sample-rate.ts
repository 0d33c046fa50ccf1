/** Sample rate of all decoded sound on its way through the pipeline. */
export const SAMPLE_RATE = 48_000;

/** How many samples a time holds, to the nearest. Boundaries are rounded, not lengths: nothing adds up. */
export const samplesAt = (ticks: number) => Math.round((ticks * SAMPLE_RATE) / 90_000);
