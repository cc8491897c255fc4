// The page of `generalizer report`: light and dark, the curves with zoom and hover, and what the points of a sweep say.
(() => {
  'use strict';
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById('data').textContent);
  const charts = [];

  // --- Light and dark -------------------------------------------------------------------------------------------------------------------
  const system = matchMedia('(prefers-color-scheme: dark)');
  const toggle = document.getElementById('theme');
  let chosen = null;  // by the button; else the system's setting holds

  function apply_theme(theme) {
    root.dataset.theme = theme;
    toggle.textContent = theme === 'dark' ? 'Light' : 'Dark';
    toggle.setAttribute('aria-label', `Show the page in ${theme === 'dark' ? 'light' : 'dark'} colours`);
    for (const chart of charts) {
      colour(chart);
      chart.update('none');
    }
  }
  const wanted_theme = () => chosen || (system.matches ? 'dark' : 'light');
  toggle.addEventListener('click', () => {
    chosen = root.dataset.theme === 'dark' ? 'light' : 'dark';
    apply_theme(chosen);
  });
  system.addEventListener('change', () => apply_theme(wanted_theme()));
  addEventListener('beforeprint', () => apply_theme('light'));
  addEventListener('afterprint', () => apply_theme(wanted_theme()));

  const variable = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const colour_of = (run) => variable(`--series-${run % 6 + 1}`);
  const faded = (colour) => colour + 'b0';

  // --- Curves ---------------------------------------------------------------------------------------------------------------------------
  // A series is {run, label, part: "test" | "validation" | "train" | "yardstick", x: […], y: […]}.
  const dashes = { test: [], validation: [2, 3], train: [6, 4], yardstick: [1, 4] };

  function dataset(series) {
    return {
      label: series.label,
      run: series.run,
      part: series.part,
      data: series.x.map((x, i) => ({ x, y: series.y[i] })).filter((point) => point.y !== null),
      borderDash: dashes[series.part],
      borderWidth: series.part === 'test' ? 2.25 : 1.5,
      pointRadius: series.x.length === 1 ? 4 : 0,
      pointHoverRadius: 4,
      pointHitRadius: 8,
      tension: 0,
      spanGaps: true,
    };
  }

  function colour(chart) {
    for (const line of chart.data.datasets) {
      const full = colour_of(line.run);
      line.borderColor = line.part === 'test' ? full : faded(full);
      line.backgroundColor = line.borderColor;
      line.pointBackgroundColor = line.borderColor;
    }
    for (const axis of Object.values(chart.options.scales)) {
      axis.grid.color = variable('--line');
      axis.ticks.color = variable('--muted');
      axis.title.color = variable('--muted');
    }
    const tip = chart.options.plugins.tooltip;
    tip.backgroundColor = variable('--ink');
    tip.titleColor = tip.bodyColor = variable('--paper');
  }

  const number = (value, share) => share ? `${(100 * value).toFixed(2)} %` : Number(value.toPrecision(4)).toString();

  // The vertical line at the epoch that is pointed at, and the band that is being selected.
  const marks = {
    id: 'marks',
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area } = chart;
      ctx.save();
      const active = chart.tooltip && chart.tooltip.getActiveElements();
      if (active && active.length > 0) {
        ctx.strokeStyle = variable('--muted');
        ctx.setLineDash([3, 3]);
        ctx.beginPath();
        ctx.moveTo(active[0].element.x, area.top);
        ctx.lineTo(active[0].element.x, area.bottom);
        ctx.stroke();
      }
      if (chart.band) {
        ctx.globalAlpha = 0.18;
        ctx.fillStyle = variable('--accent');
        ctx.fillRect(Math.min(...chart.band), area.top, Math.abs(chart.band[1] - chart.band[0]), area.bottom - area.top);
      }
      ctx.restore();
    },
  };

  // Ticks at round epochs, wherever the curves begin.
  function whole_epochs(axis) {
    const span = axis.max - axis.min;
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => size >= span / 8) || Math.ceil(span / 8);
    axis.ticks = [];
    for (let epoch = Math.ceil(axis.min / step) * step; epoch <= axis.max; epoch += step) axis.ticks.push({ value: epoch });
  }

  function make_chart(figure) {
    const spec = data.charts[figure.dataset.chart];
    const canvas = figure.querySelector('canvas');
    const family = getComputedStyle(document.body).fontFamily;
    const chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: spec.series.map(dataset) },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', axis: 'x', intersect: false },
        font: { family },
        scales: {
          x: { type: 'linear', bounds: 'data', afterBuildTicks: whole_epochs, grid: { drawBorder: false }, title: { display: true, text: 'epoch', font: { family } }, ticks: { precision: 0, includeBounds: false, font: { family }, maxRotation: 0 } },
          y: { grid: { drawBorder: false }, title: { display: false }, ticks: { font: { family }, maxTicksLimit: 7, callback: (value) => spec.share ? `${Number((100 * value).toPrecision(4))} %` : Number(value.toPrecision(4)).toString() } },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            cornerRadius: 7, padding: 9, titleFont: { family }, bodyFont: { family }, displayColors: true, boxWidth: 9, boxHeight: 9,
            callbacks: {
              title: (items) => items.length > 0 ? `epoch ${items[0].parsed.x}` : '',
              label: (item) => ` ${item.dataset.label}: ${number(item.parsed.y, spec.share)}`,
            },
          },
        },
      },
      plugins: [marks],
    });
    colour(chart);
    chart.update('none');
    charts.push(chart);
    allow_zoom(chart, figure.closest('.card').querySelector('.reset'));
  }

  // Zoom along the epochs: drag over a part, or turn the wheel with Ctrl (without it the page scrolls, as everywhere); + and − do it from the keyboard. The
  // height follows what is seen.
  function allow_zoom(chart, reset) {
    const canvas = chart.canvas;
    const all = [chart.scales.x.min, chart.scales.x.max];

    function show(from, to) {
      const least = Math.max((all[1] - all[0]) / 200, 1e-6);
      from = Math.max(all[0], from);
      to = Math.min(all[1], to);
      if (to - from < least) return;
      const whole = from <= all[0] && to >= all[1];
      chart.options.scales.x.min = whole ? undefined : from;
      chart.options.scales.x.max = whole ? undefined : to;
      const seen = chart.data.datasets.flatMap((line) => line.data.filter((point) => point.x >= from && point.x <= to).map((point) => point.y));
      const low = Math.min(...seen), high = Math.max(...seen), room = 0.06 * (high - low || Math.abs(high) || 1);
      chart.options.scales.y.min = whole || seen.length === 0 ? undefined : low - room;
      chart.options.scales.y.max = whole || seen.length === 0 ? undefined : high + room;
      chart.update('none');
      reset.hidden = whole;
    }
    function zoom(factor, at) {
      const { min, max } = chart.scales.x;
      show(at - (at - min) * factor, at + (max - at) * factor);
    }
    reset.addEventListener('click', () => show(all[0], all[1]));
    canvas.addEventListener('dblclick', () => show(all[0], all[1]));
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 0.8 : 1.25, chart.scales.x.getValueForPixel(event.offsetX));
    }, { passive: false });
    canvas.addEventListener('keydown', (event) => {
      const { min, max } = chart.scales.x;
      if (event.key === '+' || event.key === '=') zoom(0.7, (min + max) / 2);
      else if (event.key === '-') zoom(1 / 0.7, (min + max) / 2);
      else if (event.key === 'ArrowLeft') show(min - 0.2 * (max - min), max - 0.2 * (max - min));
      else if (event.key === 'ArrowRight') show(min + 0.2 * (max - min), max + 0.2 * (max - min));
      else if (event.key === 'Escape') show(all[0], all[1]);
      else return;
      event.preventDefault();
    });
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'touch' || event.button !== 0) return;
      chart.band = [event.offsetX, event.offsetX];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!chart.band) return;
      chart.band[1] = event.offsetX;
      chart.draw();
    });
    const release = () => {
      if (!chart.band) return;
      const [from, to] = chart.band.sort((a, b) => a - b);
      chart.band = null;
      if (to - from > 6) show(chart.scales.x.getValueForPixel(from), chart.scales.x.getValueForPixel(to));
      else chart.draw();
    };
    canvas.addEventListener('pointerup', release);
    canvas.addEventListener('pointercancel', release);
  }

  // --- What the points of a sweep say ---------------------------------------------------------------------------------------------------
  function show_tips() {
    const tip = document.getElementById('tip');
    for (const point of document.querySelectorAll('.curve .combination')) {
      const title = point.querySelector('title');
      const words = title.textContent;
      point.setAttribute('aria-label', words);
      point.setAttribute('role', 'img');
      title.remove();  // or the browser's own tip came, too
      const show = () => {
        const box = point.querySelector('.point').getBoundingClientRect();
        tip.textContent = words;
        tip.hidden = false;
        tip.style.left = `${Math.max(8, Math.min(box.left + 14, innerWidth - tip.offsetWidth - 8))}px`;
        tip.style.top = `${box.top > tip.offsetHeight + 16 ? box.top - tip.offsetHeight - 8 : box.bottom + 8}px`;
      };
      const hide = () => { tip.hidden = true; };
      for (const event of ['pointerenter', 'focus']) point.addEventListener(event, show);
      for (const event of ['pointerleave', 'blur']) point.addEventListener(event, hide);
    }
  }

  apply_theme(wanted_theme());
  for (const figure of document.querySelectorAll('[data-chart]')) make_chart(figure);
  show_tips();
  root.dataset.charts = String(charts.length);  // says that the page is complete
})();
