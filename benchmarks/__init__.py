"""Benchmarks: sizes go in, measurements come out as JSON and a Markdown table. Run as `python -m benchmarks`.

`generate` writes made-up bundles, `steps` times each part of the main job by itself and leaves its graph and view for
the `contenders`, which do the same with the field's usual parts, as `validators` do for validation alone, `measure`
runs each in a process of its own, `results` holds their answers against each other, `table` writes it all down.
"""
