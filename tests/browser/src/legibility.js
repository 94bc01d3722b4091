/** Whether people can read and hit what a page shows, as figures. */

/** Parts that can be pressed and are smaller than WCAG 2.2 2.5.8 allows, in CSS pixels; links within text are exempt. */
export const smallTargets = (page, least = 24) =>
  page.evaluate((wanted) => {
    const pressed = document.querySelectorAll('button, a[href], input, select, textarea, [role=slider], [role=tab]');
    return [...pressed].flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const isShown = width > 1 && height > 1 && style.visibility === 'visible' && style.clip === 'auto';
      const isInText = element.tagName === 'A' && style.display === 'inline' && !!element.closest('p, li, td');
      const isSmall = Math.min(width, height) < wanted - 0.5;
      return isShown && isSmall && !isInText ? [`${element.tagName} "${element.textContent.trim()}" ${width}×${height}`] : [];
    });
  }, least);

/** Elements that hold words of their own and are shown. */
const WORDS = `
  const shown = [...document.querySelectorAll('body *')].filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    const isWord = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return isWord && width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true }) &&
      !element.closest('.visually-hidden, svg title, option, script, style');
  });`;

/** Words smaller than that many CSS pixels. */
export const smallWords = (page, least) =>
  page.evaluate(`(() => {${WORDS}
    return shown.filter((element) => parseFloat(getComputedStyle(element).fontSize) * (element.currentCSSZoom ?? 1) < ${least})
      .map((element) => element.textContent.trim() + ' ' + getComputedStyle(element).fontSize);
  })()`);

/** Words that their place cuts off, where nothing says that they are cut. */
export const cutWords = (page) =>
  page.evaluate(`(() => {${WORDS}
    return shown.filter((element) => {
      const style = getComputedStyle(element);
      const isCut = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
      return isCut && style.textOverflow !== 'ellipsis' && !['auto', 'scroll'].includes(style.overflowX) &&
        !['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName);
    }).map((element) => element.textContent.trim());
  })()`);
