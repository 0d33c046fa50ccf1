import type { Layer } from './scenery.ts';

/**
 * The filter graph that puts the picture together: input 0 is the strip, inputs 1 to N are the
 * layers, one frame each. The picture leaves it as `[picture]`.
 */
export function composition(layers: readonly Layer[], fps: string): string {
  const chains = layers.map(({ speed, lit }, n) => {
    const format = `format=${n === 0 ? 'yuv420p' : 'yuva420p'}`;
    // Light changes slowly: one step a second, whose frames are then repeated, costs nothing.
    const light = lit ? `fps=1,${LIGHT},` : '';
    const scroll = speed === 0 ? '' : `,scroll=horizontal=${speed}/(${fps})`;
    return `[${n + 1}:v]scale=${TO_BT709},${format},loop=loop=-1:size=1,${light}fps=${fps}${scroll}[layer${n}]`;
  });
  let scene = 'layer0';
  layers.forEach(({ left, top }, n) => {
    if (n === 0) return;
    chains.push(`[${scene}][layer${n}]overlay=x=${left}:y=${top}[scene${n}]`);
    scene = `scene${n}`;
  });
  // The strip is finite, the layers are not: it says when the episode is over. Its grey is luma in
  // studio range already, so it must not be stretched: only its missing chroma is added.
  chains.push('[0:v]setparams=range=tv,format=yuv420p[strip]');
  chains.push(`[strip][${scene}]vstack=shortest=1,setsar=1[picture]`);
  return chains.join(';');
}

const TO_BT709 = 'out_color_matrix=bt709:out_range=tv';
/** From gold to blue and back. */
const LIGHT = 'hue=h=40*(cos(2*PI*t/240)-1)';
