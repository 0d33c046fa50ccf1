import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ffmpegPath } from '#shared/media/ffmpeg/run';
import { mp3Output } from '#shared/media/sound/encode-mp3';
import { type AudioClip, audioClip } from '../../services/extractor/src/audio-clips/audio-clip.ts';
import type { AudioClipRequest } from '../../services/extractor/src/audio-clips/request.ts';
import { serveTasks } from '../measure/serve-tasks.ts';

// The process that makes audio clips as the function does, and as FFmpeg does alone.

export type AudioTask =
  | { by: 'audioClip'; request: AudioClipRequest }
  | { by: 'ffmpeg'; source: string; startSeconds: number; seconds: number; file: string };

export interface AudioOutcome {
  wallMs: number;
  clip?: AudioClip;
}

serveTasks(async (task: AudioTask): Promise<AudioOutcome> => {
  const startedAt = performance.now();
  const clip = task.by === 'audioClip' ? await ours(task.request) : await ffmpegAlone(task);
  return { wallMs: performance.now() - startedAt, clip };
});

const ours = (request: AudioClipRequest) =>
  audioClip(request, { signal: new AbortController().signal });

/** What anybody would write, to the same MP3. */
async function ffmpegAlone(task: Extract<AudioTask, { by: 'ffmpeg' }>): Promise<undefined> {
  const { source, startSeconds, seconds, file } = task;
  const input = ['-ss', String(startSeconds), '-t', String(seconds), '-i', source];
  await promisify(execFile)(ffmpegPath(), ['-v', 'error', '-y', ...input, ...mp3Output(file)]);
}
