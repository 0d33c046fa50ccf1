import { thisMachine } from '../report/machine.ts';
import type { ApiResults } from './api-results.ts';
import { benchAudio } from './bench-audio.ts';
import { benchHttp, CLIENTS } from './bench-http.ts';

/** Measures the HTTP API while many call it, and audio clips that nobody has asked for before. */
export async function benchApi(): Promise<ApiResults> {
  const http = await benchHttp();
  const audio = await benchAudio();
  return { machine: await thisMachine(), clients: CLIENTS, http, audio };
}
