import { MeasuredWorker } from '../measure/measured-worker.ts';
import { percentile } from '../measure/statistics.ts';
import type { HttpRow } from './api-results.ts';
import type { OpenApi } from './stack-worker.ts';

export const CLIENTS = 50;
/** Enough for a 99th percentile of 20 answers. */
const REQUESTS = 2_000;
/** Each client's function starts cold, on AWS as here; what is measured is those that are warm. */
const WARM_UP_REQUESTS = 4 * CLIENTS;

/** Calls each route by many clients at once, each of which waits for its answer before it calls again. */
export async function benchHttp(): Promise<HttpRow[]> {
  console.log('Starting the embedded stack and making clips …');
  const worker = await MeasuredWorker.start<object, OpenApi>(
    new URL('stack-worker.ts', import.meta.url),
  );
  try {
    const { apiUrl, token, paths } = (await worker.perform({})).result;
    const rows: HttpRow[] = [];
    for (const [what, path] of Object.entries(paths)) {
      console.log(`${what} …`);
      const call = () => answered(apiUrl + path, token);
      await callAtOnce(call, WARM_UP_REQUESTS);
      const startedAt = performance.now();
      const timesMs = await callAtOnce(call, REQUESTS);
      const seconds = (performance.now() - startedAt) / 1000;
      const [p50Ms, p99Ms] = [percentile(timesMs, 0.5), percentile(timesMs, 0.99)];
      rows.push({ what, requests: REQUESTS, p50Ms, p99Ms, perSecond: REQUESTS / seconds });
    }
    return rows;
  } finally {
    await worker.stop();
  }
}

/** @returns how long each call took, in milliseconds */
async function callAtOnce(call: () => Promise<void>, requests: number): Promise<number[]> {
  const timesMs: number[] = [];
  let left = requests;
  const client = async () => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await call();
      timesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return timesMs;
}

async function answered(url: string, token: string): Promise<void> {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${body}`);
}
