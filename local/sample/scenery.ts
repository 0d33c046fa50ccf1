import { hashUnit } from './hash.ts';

/**
 * The moving picture under the strip: a bus on a road through hills, in evening light that changes
 * colour over the minutes, so that clips from different places look different.
 *
 * Each layer is drawn once, here; ffmpeg scrolls the layers past each other at their own speeds.
 */
export interface Layer {
  readonly width: number;
  readonly height: number;
  /** Where its upper left corner lies in the scene. */
  readonly left: number;
  readonly top: number;
  /** How fast it moves to the left, in scene widths per second. Layers that move are endless. */
  readonly speed: number;
  /** Whether it takes part in the change of the evening light. */
  readonly lit: boolean;
  /** Red, green, blue, opacity. */
  readonly rgba: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];
/** A colour, or nothing, at a point; `opacity` from 0 to 1. */
type Paint = (x: number, y: number) => { colour: Colour; opacity: number };

/** All layers of a scene of this size, from the back to the front; the bus comes last. */
export function drawScenery(width: number, height: number): Layer[] {
  const even = (value: number) => 2 * Math.round(value / 2);
  // A layer reaches down to where the next one hides it: less to compose in every frame.
  const layer = (top: number, bottom: number, speed: number, lit: boolean, paint: Paint): Layer => {
    const from = even(top * height);
    const size = { width, height: even(bottom * height) - from };
    // Painters think in scene heights, so that a scene looks the same at any size.
    const rgba = draw(size.width, size.height, (x, y) => paint(x / height, (y + from) / height));
    return { ...size, left: 0, top: from, speed, lit, rgba };
  };
  const aspect = width / height;
  const unit = 1 / height;
  const busHeight = even(0.2 * height);
  const busWidth = even(2.3 * busHeight);
  return [
    layer(0, 1, 0, true, sky(aspect, unit)),
    layer(0.4, 0.8, 0.006, true, hills(aspect, unit, FAR_HILLS)),
    layer(0.54, 0.86, 0.02, true, hills(aspect, unit, NEAR_HILLS)),
    layer(0.66, 0.9, 0.07, false, woods(aspect, unit)),
    layer(0.86, 1, 0.3, false, road(aspect, unit)),
    {
      width: busWidth,
      height: busHeight,
      left: even((width - busWidth) / 2),
      top: even(0.925 * height - busHeight),
      speed: 0,
      lit: false,
      rgba: draw(busWidth, busHeight, (x, y) => bus(x / busHeight, y / busHeight, 1 / busHeight)),
    },
  ];
}

function draw(width: number, height: number, paint: Paint): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { colour, opacity } = paint(x + 0.5, y + 0.5);
      rgba.set([...colour, 255 * opacity], (y * width + x) * 4);
    }
  }
  return rgba;
}

function sky(aspect: number, unit: number): Paint {
  const sun = { x: 0.68 * aspect, y: 0.36, radius: 0.1 };
  return (x, y) => {
    const distance = Math.hypot(x - sun.x, y - sun.y);
    const dusk = mix([44, 40, 96], mix([196, 92, 128], [255, 190, 120], (y - 0.3) / 0.3), y / 0.36);
    const glow = mix(
      dusk,
      [255, 214, 150],
      0.7 * Math.exp(-5 * Math.max(0, distance - sun.radius)),
    );
    return { colour: mix(glow, [255, 244, 214], edge(sun.radius - distance, unit)), opacity: 1 };
  };
}

interface Hills {
  readonly horizon: number;
  readonly relief: number;
  readonly seed: number;
  readonly colour: Colour;
  readonly haze: Colour;
}
const FAR_HILLS: Hills = {
  horizon: 0.56,
  relief: 0.13,
  seed: 1,
  colour: [104, 92, 148],
  haze: [226, 150, 140],
};
const NEAR_HILLS: Hills = {
  horizon: 0.68,
  relief: 0.09,
  seed: 2,
  colour: [58, 66, 112],
  haze: [132, 104, 146],
};

function hills(aspect: number, unit: number, look: Hills): Paint {
  const { horizon, relief, seed, colour, haze } = look;
  return (x, y) => {
    const crest = horizon - relief * swell(x / aspect, seed);
    return { colour: mix(colour, haze, (y - crest) / 0.4), opacity: edge(y - crest, unit) };
  };
}

/** A meadow with round trees; the trees keep off the seam, where the layer meets itself. */
function woods(aspect: number, unit: number): Paint {
  const trees = Array.from({ length: Math.round(12 * aspect) }, (_, n) => {
    const radius = 0.022 + 0.022 * hashUnit(n, 31);
    const x = radius + hashUnit(n, 30) * (aspect - 2 * radius);
    return { x, y: ground(x / aspect) - 1.1 * radius, radius };
  });
  return (x, y) => {
    const crown = Math.max(...trees.map((t) => t.radius - Math.hypot(x - t.x, (y - t.y) * 0.8)));
    const meadow = y - ground(x / aspect);
    const colour = mix([26, 52, 62], [46, 96, 84], edge(meadow, unit) * (0.4 + meadow * 2));
    return { colour, opacity: edge(Math.max(crown, meadow), unit) };
  };
}

const ground = (part: number) => 0.8 - 0.035 * swell(part, 3);

function road(aspect: number, unit: number): Paint {
  const dash = aspect / Math.max(2, Math.round(aspect / 0.3));
  return (x, y) => {
    const along = Math.abs((x % dash) - dash / 2);
    const marking = Math.min(0.22 * dash - along, 0.006 - Math.abs(y - 0.955));
    const asphalt = mix([150, 140, 140], [52, 54, 66], edge(y - 0.874, unit));
    return { colour: mix(asphalt, [236, 222, 180], edge(marking, unit)), opacity: 1 };
  };
}

/** In bus heights, from its upper left corner. */
function bus(x: number, y: number, unit: number): ReturnType<Paint> {
  const wheel = Math.min(...[0.5, 1.78].map((hub) => Math.hypot(x - hub, y - 0.86)));
  const body = box(x, y, { left: 0.03, top: 0.02, right: 2.27, bottom: 0.88 }, 0.14);
  const stripe = box(x, y, { left: -1, top: 0.58, right: 3, bottom: 0.65 }, 0);
  const windows = [0.16, 0.53, 0.9, 1.27].map((left) =>
    box(x, y, { left, top: 0.15, right: left + 0.31, bottom: 0.47 }, 0.05),
  );
  const windscreen = box(x, y, { left: 1.76, top: 0.15, right: 2.2, bottom: 0.5 }, 0.07);
  const lamp = 0.045 - Math.hypot(x - 2.19, y - 0.7);

  let colour = mix([226, 66, 58], [150, 36, 52], (y - 0.2) / 0.9);
  colour = mix(colour, [250, 226, 190], edge(stripe, unit));
  colour = mix(colour, [255, 226, 150], edge(Math.max(...windows), unit));
  colour = mix(colour, [186, 224, 238], edge(windscreen, unit));
  colour = mix(colour, [255, 250, 214], edge(lamp, unit));
  colour = mix(colour, [26, 26, 34], edge(0.135 - wheel, unit));
  colour = mix(colour, [168, 170, 180], edge(0.055 - wheel, unit));
  return { colour, opacity: edge(Math.max(body, 0.135 - wheel), unit) };
}

/** How far inside a box with round corners a point lies; outside it is negative. */
function box(
  x: number,
  y: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
  radius: number,
): number {
  const dx = Math.max(left + radius - x, x - right + radius);
  const dy = Math.max(top + radius - y, y - bottom + radius);
  return radius - Math.hypot(Math.max(0, dx), Math.max(0, dy)) - Math.min(0, Math.max(dx, dy));
}

/** Waves that end as they began, from −1 to 1, while `part` goes from 0 to 1. */
function swell(part: number, seed: number): number {
  const waves = [1, 2, 3, 5].map((n) => {
    const phase = hashUnit(n, 40 + seed);
    return Math.sin(2 * Math.PI * (n * part + phase)) / n ** 0.8;
  });
  return waves.reduce((sum, wave) => sum + wave, 0) / 2;
}

/** Opacity of a point that lies `inside` deep within a shape: its edge is one pixel soft. */
function edge(inside: number, pixel: number): number {
  return Math.max(0, Math.min(1, inside / pixel + 0.5));
}

function mix(from: Colour, to: Colour, part: number): Colour {
  const share = Math.max(0, Math.min(1, part));
  return [
    from[0] + share * (to[0] - from[0]),
    from[1] + share * (to[1] - from[1]),
    from[2] + share * (to[2] - from[2]),
  ];
}
