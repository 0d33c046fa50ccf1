import { PermanentError } from '../../errors.ts';
import { toolsWords } from '../media-problem.ts';

/** What cannot be read of an episode's audio file, even by FFmpeg. */
export const audioUndecodable = (reason: string, cause?: unknown): PermanentError =>
  new PermanentError(
    'AUDIO_UNDECODABLE',
    `The audio file of the episode cannot be read: ${reason}. Upload it as M4A, MP3, AAC, WAV or FLAC.${toolsWords(cause)}`,
    { cause },
  );
