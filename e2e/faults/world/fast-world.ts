import { vi } from 'vitest';
import { cutOnce, joinOnce, openOnce, probeOnce, takeOnce } from './pre-cut-media.ts';

// To be imported by tests that run thousands of flows: swaps what costs time and has no part in the order of
// events. `startWorld` loads the handlers after this.

// The pauses of the product are points at which others overtake it, like its calls.
vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof import('node:timers/promises')>();
  const { sleepThroughSeam } = await import('./aws-calls.ts');
  return { ...real, setTimeout: sleepThroughSeam(real.setTimeout) };
});

// The X-Ray SDK watches every promise of the process, traced or not.
vi.mock('@aws-lambda-powertools/tracer', () => ({
  Tracer: class {
    captureAWSv3Client<Client>(client: Client): Client {
      return client;
    }
    isTracingEnabled = () => false;
    getSegment = () => undefined;
    putAnnotation = () => {};
  },
}));

vi.mock('#shared/media/collect/open-segment', async (original) => {
  const real = await original<typeof import('#shared/media/collect/open-segment')>();
  return { ...real, openSegment: openOnce(real.openSegment) };
});
vi.mock('#shared/media/cut/cut-segment', async (original) => {
  const real = await original<typeof import('#shared/media/cut/cut-segment')>();
  return { ...real, cutSegment: cutOnce(real.cutSegment) };
});
vi.mock('#shared/media/finished/probe-clip', async (original) => {
  const real = await original<typeof import('#shared/media/finished/probe-clip')>();
  return { ...real, probeClip: probeOnce(real.probeClip) };
});
vi.mock('#shared/media/pictures/take-pictures', async (original) => {
  const real = await original<typeof import('#shared/media/pictures/take-pictures')>();
  return { ...real, takePictures: takeOnce(real.takePictures) };
});
vi.mock('#shared/media/join/join-segments', async (original) => {
  const real = await original<typeof import('#shared/media/join/join-segments')>();
  return { ...real, joinSegments: joinOnce(real.joinSegments) };
});
