// Four linked stacks of Cornerstone3D and nothing else: what the reading room is measured beside. It hashes nothing,
// computes no difference (the original stands in that pane a second time) and colours no map.
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
function stacksOf({ source, ai, uncertainty }) {
  const at = (path) => `wadouri:${new URL(path, document.baseURI)}`;
  const original = source.map(at);
  return {
    original,
    ai: ai.map(at),
    difference: original,
    uncertainty: original.map((_, frame) => `${at(uncertainty)}?frame=${frame + 1}`),
  };
}

let opened = -1;
let stacks = null;
let index = 0;

async function show(pane) {
  await viewportOf(pane).setStack(stacks[pane], index);
  const voiRange = pane === 'uncertainty' ? { lower: 0, upper: 80 } : WINDOW;
  viewportOf(pane).setProperties({ voiRange });
  viewportOf(pane).render();
}

/** Every image of the case, and then the original of the next one, as the reading room does. */
async function load() {
  await Promise.all(Object.values(stacks).flatMap((ids) => imageLoader.loadAndCacheImages(ids)));
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
