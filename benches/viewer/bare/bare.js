// Four linked stacks of Cornerstone3D and nothing else: what the reading room is measured beside. It hashes nothing,
// computes no difference and colours no map: original and AI stand in the lower panes a second time. The map is fetched
// and not shown, because Cornerstone's loader copies all of such a file for each frame (half a second each).
import { cache, Enums, imageLoader, init as startCore, RenderingEngine } from '@cornerstonejs/core';
import { init as startLoader } from '@cornerstonejs/dicom-image-loader';

const PANES = ['original', 'ai', 'difference', 'uncertainty'];
const WINDOW = { lower: -160, upper: 240 };
const cases = await (await fetch('cases/cases.json')).json();
const state = document.querySelector('#state');

startCore();
startLoader({ maxWebWorkers: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)) });
const engine = new RenderingEngine('bare');
const viewportOf = (pane) => engine.getViewport(pane);

/** Names of the images of a case by pane, in the order of positions. */
function stacksOf({ source, ai }) {
  const at = (path) => `wadouri:${new URL(path, document.baseURI)}`;
  const original = source.map(at);
  return {
    original,
    ai: ai.map(at),
    difference: original,
    uncertainty: ai.map(at),
  };
}

let opened = -1;
let stacks = null;
let index = 0;

async function show(pane) {
  await viewportOf(pane).setStack(stacks[pane], index);
  viewportOf(pane).setProperties({ voiRange: WINDOW });
  viewportOf(pane).render();
}

/** Every image of the case, and then the original of the next one, as the reading room does. */
async function load() {
  const map = fetch(cases[opened].uncertainty).then((response) => response.arrayBuffer());
  const { original, ai } = stacks;
  await Promise.all([...imageLoader.loadAndCacheImages([...original, ...ai]), map]);
  state.textContent = 'whole';
  const next = cases[(opened + 1) % cases.length];
  await Promise.all(imageLoader.loadAndCacheImages(stacksOf(next).original));
  state.textContent = 'whole, next at hand';
}

async function open() {
  opened = (opened + 1) % cases.length;
  state.textContent = '';
  stacks = stacksOf(cases[opened]);
  index = Math.floor(stacks.original.length / 2);
  if (!viewportOf('original')) {
    for (const pane of PANES) {
      const element = document.querySelector(`[data-pane=${pane}]`);
      engine.enableElement({ viewportId: pane, element, type: Enums.ViewportType.STACK });
    }
  }
  await Promise.all(PANES.map(show));
  await load();
}

function scroll(event) {
  event.preventDefault();
  index = Math.max(0, Math.min(stacks.original.length - 1, index + (event.deltaY > 0 ? 1 : -1)));
  for (const pane of PANES) void viewportOf(pane).setImageIdIndex(index);
}

document.querySelector('#open').addEventListener('click', () => void open());
document.querySelector('main').addEventListener('wheel', scroll, { passive: false });
cache.setMaxCacheSize(3 * 2 ** 30);
state.textContent = 'ready';
