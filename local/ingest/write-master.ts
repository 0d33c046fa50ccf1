import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesOf, type SourceStream } from './probe-video.ts';

export const MASTER_NAME = 'master.m3u8';

/** Of the n-th audio track: its playlist and its chunks are named so. */
export const audioName = (n: number) => `audio-${n}`;

/** Names of two tracks may be the same in a file; in a group they must not. */
function distinctNames(audio: readonly SourceStream[]): string[] {
  const names: string[] = [];
  for (const [n, stream] of audio.entries()) {
    const { title, language } = namesOf(stream);
    const name = title ?? language ?? `Audio ${n + 1}`;
    names.push(names.includes(name) ? `${name} (${n + 1})` : name);
  }
  return names;
}

/**
 * Writes the master playlist of an episode with several audio tracks. The first that the file marks as default, else the
 * first, is what players begin with.
 */
export async function writeMaster(
  folder: string,
  { audio, picture }: { audio: readonly SourceStream[]; picture?: SourceStream },
): Promise<void> {
  const names = distinctNames(audio);
  const standard = Math.max(
    0,
    audio.findIndex(({ disposition }) => disposition?.default === 1),
  );
  const media = audio.map((stream, n) => {
    const { language } = namesOf(stream);
    return [
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="${names[n]}"`,
      ...(language ? [`LANGUAGE="${language}"`] : []),
      `DEFAULT=${n === standard ? 'YES' : 'NO'}`,
      'AUTOSELECT=YES',
      ...(stream.channels ? [`CHANNELS="${stream.channels}"`] : []),
      `URI="${audioName(n)}.m3u8"`,
    ].join(',');
  });
  const variant = [
    `#EXT-X-STREAM-INF:BANDWIDTH=${await bandwidthOf(folder)}`,
    ...(picture?.width && picture.height ? [`RESOLUTION=${picture.width}x${picture.height}`] : []),
    // Without pictures, the codecs say so.
    ...(picture ? [] : ['CODECS="mp4a.40.2"']),
    'AUDIO="audio"',
  ].join(',');
  const uri = picture ? 'video.m3u8' : `${audioName(standard)}.m3u8`;
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6', ...media, variant, uri, ''];
  await writeFile(join(folder, MASTER_NAME), lines.join('\n'));
}

/** More than any of its chunks needs a second, in bits: they last a second at least, but for the last. */
async function bandwidthOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return Math.max(1, ...sizes) * 8;
}
