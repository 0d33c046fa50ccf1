import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaWork } from '../ffmpeg/media-work.ts';

/** FFmpeg's names of the demuxers of what lies in HLS chunks. */
export type Demuxer = 'mpegts' | 'mov';

/** Files that FFmpeg reads itself, one after the other as if they were one. */
export interface ForeignInput {
  listFile: string;
  demuxer: Demuxer;
  /** FFmpeg's specifier of the audio stream that is taken. Default: the first. */
  audio?: string;
}

/** The audio stream of an input, as FFmpeg specifies it within the input. */
export const audioOf = ({ audio = 'a:0' }: ForeignInput): string => audio;

/** @param name of the list, unique within the work */
export async function foreignInput(
  name: string,
  files: readonly string[],
  demuxer: Demuxer,
  work: MediaWork,
): Promise<ForeignInput> {
  const listFile = join(work.folder, `${name}.list`);
  await writeFile(listFile, files.map((file) => `file:${file}\n`).join(''));
  return { listFile, demuxer };
}

/** Input options: local files only, in the format we expect, whatever they say. */
export function inputForeign({ listFile, demuxer }: ForeignInput): string[] {
  return ['-protocol_whitelist', 'file,concatf', '-f', demuxer, '-i', `concatf:${listFile}`];
}
