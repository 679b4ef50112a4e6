// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Measurements as a picture: for each the ratio to its peer on a logarithmic axis, with its range and what is to be reached.
struct Chart {
    private let groups: [(database: String, measurements: [Measurement])]

    private static let (labels, plot, margin, rowHeight) = (430.0, 420.0, 24.0, 22.0)
    private static let width = labels + plot + 110
    /// What the axis shows, and where it has lines.
    private static let (least, most) = (0.03, 80.0)
    private static let ticks = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]

    init(_ measurements: [Measurement]) {
        var groups: [(database: String, measurements: [Measurement])] = []
        // What is about memory has no ratio that could be compared with the others.
        for measurement in measurements where measurement.growth == nil {
            if groups.last?.database != measurement.database { groups.append((measurement.database, [])) }
            groups[groups.count - 1].measurements.append(measurement)
        }
        self.groups = groups
    }

    /// The picture as SVG.
    var svg: String {
        var body = ""
        var y = 70.0
        for group in groups {
            body += text(group.database, Self.margin, y, "class=\"heading\"")
            for measurement in group.measurements {
                y += Self.rowHeight
                body += row(measurement, y)
            }
            y += 1.8 * Self.rowHeight
        }
        let height = y + 34
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(round(Self.width)) \(round(height))" role="img">
            <title>Mainstay's time as a multiple of its peers'</title>
            <style>
            text { font: 13px system-ui, sans-serif; fill: #24292f; }
            .heading { font-weight: 600; font-size: 15px; }
            .small { font-size: 11px; fill: #57606a; }
            </style>
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(text("Time as a multiple of the peer's: less is better, 1 is the same", Self.margin, 28, "class=\"heading\""))
            \(axis(to: y - 1.2 * Self.rowHeight))\(body)\(legend(height - 18))</svg>

            """
    }

    private func row(_ measurement: Measurement, _ y: Double) -> String {
        let middle = y - 4
        let color = measurement.reach == nil ? "#6e7781" : measurement.isReached ? "#1a7f37" : "#bc4c00"
        var row = text(measurement.name, Self.margin, y)
        row += text(measurement.peer, Self.labels - 20, y, "class=\"small\" text-anchor=\"end\"")
        if let reach = measurement.reach { row += line(x(reach), middle - 8, x(reach), middle + 8, "#24292f", 2) }
        row += line(x(measurement.lowest), middle, x(measurement.highest), middle, color, 3)
        row += "<circle cx=\"\(round(x(measurement.ratio)))\" cy=\"\(round(middle))\" r=\"5\" fill=\"\(color)\"/>\n"
        let ratio = String(format: measurement.ratio < 0.1 ? "%.3f" : "%.2f", measurement.ratio)
        return row + text(ratio, Self.width - Self.margin, y, "text-anchor=\"end\"")
    }

    private func axis(to bottom: Double) -> String {
        Self.ticks.map { tick in
            let label = tick < 1 ? "\(tick)" : "\(Int(tick))"
            return line(x(tick), 52, x(tick), bottom, tick == 1 ? "#57606a" : "#d0d7de", tick == 1 ? 1.5 : 1)
                + text(label, x(tick), 46, "class=\"small\" text-anchor=\"middle\"")
        }.joined()
    }

    private func legend(_ y: Double) -> String {
        text(
            "Dot: median. Line: all rounds. Bar: what is to be reached. Green: reached, orange: missed, grey: for orientation.",
            Self.margin,
            y,
            "class=\"small\""
        )
    }

    /// Where a ratio is; what is beyond the axis is at its end.
    private func x(_ ratio: Double) -> Double {
        let ratio = min(max(ratio, Self.least), Self.most)
        return Self.labels + Self.plot * log(ratio / Self.least) / log(Self.most / Self.least)
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ width: Double)
        -> String
    {
        """
        <line x1="\(round(x1))" y1="\(round(y1))" x2="\(round(x2))" y2="\(round(y2))" stroke="\(color)" \
        stroke-width="\(width)"/>

        """
    }

    private func text(_ text: String, _ x: Double, _ y: Double, _ attributes: String = "") -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return "<text x=\"\(round(x))\" y=\"\(round(y))\" \(attributes)>\(escaped)</text>\n"
    }

    private func round(_ number: Double) -> String { String(format: "%.1f", number) }
}
