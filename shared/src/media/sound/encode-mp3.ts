/**
 * FFmpeg's output options for MP3 as LAME makes it, of one or two channels and at the sample rate of the source,
 * where MP3 knows it. The bit rate varies: some 190 kbit/s for music in stereo, less for speech. LAME's tag says
 * what encoder and decoder put around the sound: players and FFmpeg leave out exactly that.
 */
export const mp3Output = (file: string): string[] => [
  ...['-c:a', 'libmp3lame', '-q:a', '2', '-write_xing', '1'],
  // Without a tag of ID3, which would only name the encoder.
  ...['-map_metadata', '-1', '-id3v2_version', '0', '-f', 'mp3', file],
];
