import type { CaseResult, CutRow } from '../cut/cut-results.ts';
import { METHODS } from '../cut/cut-task.ts';
import { timesAsLong, timesFaster } from '../measure/statistics.ts';
import { megabytes, ratio, seconds, signed } from './format.ts';

/** The columns of the tables, in the terminal and in the documentation. */
export const COLUMNS = [
  'method',
  'runs',
  'wall s',
  '× faster than re-encode',
  '× copy',
  'CPU s',
  'node MB',
  'all MB',
  'read MB',
  'encoded',
  'processes per segment',
  'first/last',
  'first stored',
  'wrong frames',
  'A/V ms',
] as const;

/** The figures of a case, a row for each method, in the order of {@link COLUMNS}. */
export function figuresOf({ rows }: CaseResult): string[][] {
  const wallMsOf = (method: CutRow['method']) => rows.find((row) => row.method === method)?.wallMs;
  const [copyMs, encodeMs] = [wallMsOf('ffmpegCopy'), wallMsOf('ffmpegEncode')];
  return rows.map((row) => {
    const { firstFrame, firstStored, lastFrame, wrongFrames, avOffsetMs } = row.errors;
    return [
      METHODS[row.method].title,
      String(row.runs),
      seconds(row.wallMs),
      ratio(timesFaster(row.wallMs, encodeMs)),
      ratio(timesAsLong(row.wallMs, copyMs)),
      seconds(row.cpuMs),
      row.nodePeakBytes > 0 ? megabytes(row.nodePeakBytes) : '–',
      megabytes(row.allPeakBytes),
      megabytes(row.bytesRead),
      String(row.framesEncoded),
      String(row.segmentProcesses ?? '–'),
      `${signed(firstFrame)} / ${signed(lastFrame)}`,
      signed(firstStored),
      row.errors.isWhole ? String(wrongFrames) : `${wrongFrames} (edges)`,
      avOffsetMs === undefined ? '–' : avOffsetMs.toFixed(1),
    ];
  });
}
