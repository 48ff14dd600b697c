//! Pictures of results.

use plotters::prelude::*;

use crate::report::result_file;

/// One line of a chart: its name and its points.
pub type Line = (String, Vec<(f64, f64)>);

const SIZE: (u32, u32) = (720, 360);
/// Colours that can be told apart with colour blindness (Okabe and Ito).
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];

/// Draws lines over a logarithmic axis, from zero up, into a file among the results.
pub fn draw(file: &str, title: &str, (x_name, y_name): (&str, &str), lines: &[Line]) {
    let points = || lines.iter().flat_map(|(_, points)| points.iter());
    let x_min = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let x_max = points().map(|(x, _)| *x).fold(0.0, f64::max);
    let y_max = points().map(|(_, y)| *y).fold(0.0, f64::max);
    let path = result_file(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let area = SVGBackend::new(&path, SIZE).into_drawing_area();
    area.fill(&WHITE).unwrap();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d((x_min..x_max).log_scale(), 0.0..y_max * 1.15)
        .unwrap();
    chart
        .configure_mesh()
        .x_desc(x_name)
        .y_desc(y_name)
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|x| crate::numbers::thousands(&format!("{x:.0}")))
        .draw()
        .unwrap();
    for ((name, points), colour) in lines.iter().zip(COLOURS) {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
        chart.draw_series(line).unwrap().label(name).legend(move |(x, y)| {
            PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2))
        });
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.2))
        .draw()
        .unwrap();
    area.present().unwrap();
}
