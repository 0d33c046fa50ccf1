import { type BrokenEpisode, CHUNK, folderOf, item, playlist, put } from './broken-episodes.ts';

const ELSEWHERE = 'http://169.254.169.254/latest/meta-data';
const variant = (uri: string) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}\n`;
const media = (uri: string) =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n${uri}\n#EXT-X-ENDLIST\n`;

/** An item that names a playlist elsewhere. */
const lost = (name: string, playlistKey: (episodeId: string) => string): BrokenEpisode => ({
  name: `its item names a playlist ${name}`,
  breakIt: item((episodeId) => ({ main: { playlistKey: playlistKey(episodeId) } })),
  code: 'EPISODE_INVALID',
  says: 'must lie below',
});

/** Episodes that were made to lead somewhere else, or to take all there is. */
export const HOSTILE_EPISODES: readonly BrokenEpisode[] = [
  lost('of another host', () => ELSEWHERE),
  lost('by a detour', (episodeId) => `${folderOf(episodeId)}../../../plain/tracks/main/index.m3u8`),
  lost('with a null byte', (episodeId) => `${folderOf(episodeId)}index.m3u8\u0000`),
  lost('with a backslash', (episodeId) => `${folderOf(episodeId)}..\\index.m3u8`),
  {
    name: 'its item has a track of a name that is no id',
    breakIt: item(() => ({ 'main/../../../plain': { playlistKey: 'x' } })),
    code: 'EPISODE_INVALID',
    says: 'tracks',
  },
  {
    name: 'its master playlist leads to another host',
    breakIt: put('index.m3u8', variant(`${ELSEWHERE}/a.m3u8`)),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its master playlist leads to itself',
    breakIt: put('index.m3u8', variant('index.m3u8')),
    code: 'PLAYLIST_UNSUPPORTED',
    says: 'named by another one',
  },
  {
    name: 'its initialization section is a file of the machine',
    breakIt: playlist((text) =>
      text.replace('#EXTINF', '#EXT-X-MAP:URI="file:///etc/passwd"\n#EXTINF'),
    ),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: "its chunk is for FFmpeg's concat protocol",
    breakIt: playlist((text) => text.replace(CHUNK, `concat:${CHUNK}|/etc/passwd`)),
    code: 'PLAYLIST_INVALID',
    says: 'not a relative path below',
  },
  {
    name: 'its chunk has a name that S3 cannot have',
    breakIt: playlist((text) => text.replace(CHUNK, 'a'.repeat(2_000))),
    code: 'PLAYLIST_INVALID',
    says: 'too long for S3',
  },
  {
    name: 'its playlist has a line of 10 MB',
    breakIt: playlist((text) => text.replace(CHUNK, 'a'.repeat(10 * 1024 * 1024))),
    code: 'PLAYLIST_INVALID',
    says: 'a line of 10485760 characters',
  },
  {
    name: 'its playlist lists a million chunks',
    breakIt: playlist((text) => text.replace('#EXTINF', '#EXTINF:6,\na\n'.repeat(1e6))),
    code: 'PLAYLIST_INVALID',
    says: 'more than 1000000 lines',
  },
  {
    name: 'a chunk is a playlist of another host',
    breakIt: put(CHUNK, media(`${ELSEWHERE}/a.ts`)),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
  {
    name: 'a chunk is a list of files of the machine',
    breakIt: put(CHUNK, "ffconcat version 1.0\nfile '/etc/passwd'\n"),
    code: 'CHUNK_UNDECODABLE',
    says: 'chunks',
    siblingSurvives: true,
  },
];
