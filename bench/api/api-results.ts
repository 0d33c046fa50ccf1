import type { Machine } from '../report/machine.ts';
import type { AudioResults } from './audio-results.ts';

/** How long a route lets its callers wait, when many of them call at once. */
export interface HttpRow {
  /** What is asked for. */
  what: string;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests answered a second, of all clients together. */
  perSecond: number;
}

/** What `bench/results/api.json` holds. */
export interface ApiResults {
  machine: Machine;
  /** How many call at once. */
  clients: number;
  http: HttpRow[];
  audio: AudioResults;
}
