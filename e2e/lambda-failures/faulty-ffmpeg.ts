import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What may happen to FFmpeg while it cuts a segment. */
export type Mishap =
  | 'hangs'
  | 'function is killed'
  | 'function is killed once'
  | 'ffmpeg is killed once'
  | 'is slow once'
  | 'waits for the test';

/** Samples per millisecond of the sound that the extractor asks FFmpeg for. */
const SAMPLES_PER_MS = 48;

/** The command line of a process that hangs; no other process of this machine has the same. */
export const HANGING = `sleep 9${process.pid}`;

const COMMANDS: Record<Mishap, (marker: string) => string> = {
  hangs: () => `exec ${HANGING}`,
  // The parent of FFmpeg is the function's own process.
  'function is killed': () => 'kill -9 $PPID; exit 1',
  'function is killed once': (marker) =>
    `[ -e '${marker}' ] || { : >'${marker}'; kill -9 $PPID; exit 1; }`,
  // As the kernel does when memory runs out: nothing is wrong with the media.
  'ffmpeg is killed once': (marker) => `[ -e '${marker}' ] || { : >'${marker}'; kill -9 $$; }`,
  'is slow once': (marker) => `[ -e '${marker}' ] || { : >'${marker}'; sleep 3; }`,
  'waits for the test': (marker) =>
    `: >'${marker}'; until [ -e '${marker}.over' ]; do sleep 0.05; done`,
};

/**
 * An FFmpeg that works, except for segments of certain lengths: the length is how a test says which
 * segment a mishap is for.
 * @param mishaps by the length of the segment in milliseconds
 * @returns the path of the script
 */
export function writeFaultyFfmpeg(folder: string, mishaps: Readonly<Record<number, Mishap>>) {
  const cases = Object.entries(mishaps).map(([lengthMs, mishap]) => {
    const marker = markerOf(folder, Number(lengthMs));
    return `*end_sample=${Number(lengthMs) * SAMPLES_PER_MS}[!0-9]*) ${COMMANDS[mishap](marker)} ;;`;
  });
  const script = join(folder, 'ffmpeg');
  const lines = ['#!/bin/sh', 'case "$*" in', ...cases, 'esac', 'exec ffmpeg "$@"', ''];
  writeFileSync(script, lines.join('\n'));
  chmodSync(script, 0o755);
  return script;
}

/** Whether the mishap for segments of this length has happened. */
export const hasHappened = (folder: string, lengthMs: number): boolean =>
  existsSync(markerOf(folder, lengthMs));

/** Ends the waiting for segments of this length. */
export const endWaiting = (folder: string, lengthMs: number): void =>
  writeFileSync(`${markerOf(folder, lengthMs)}.over`, '');

const markerOf = (folder: string, lengthMs: number) => join(folder, `happened-${lengthMs}`);
