"""The commented scenario that ``new`` writes."""

SCENARIO = """\
# A scenario: what is tried, on top of the baseline. Check it with 'python run.py validate {name}',
# run it with 'python run.py {name}'. A '#' begins a comment: take it away to use a line.
#
# {precedence}

description: Retention in every employer, and home first from 2024.

extends: baseline            # a scenario of the library, or a file beside this one

# --- What is done -----------------------------------------------------------------------------------
# 'python run.py describe interventions' lists what there is, 'describe scenarios' the packages.

# packages: [prevention_shift]

interventions:
  - retention_programme      # as its file has it
  - name: home_first         # or with changes for this scenario
    start: 2024-04           # a month, 'decision', or 'decision + 18 months'
    scale: 0.8               # effects, costs and staff at 80%
    # reach: 0.5             # another share of the target group; costs change in proportion
    # ramp_months: 24        # slower growth to full size
  # - {{name: weight_management, target: {{deprivation: [1, 2]}}}}    # for some people only

# --- What nobody here controls ----------------------------------------------------------------------
# future: high_inflation     # see 'python run.py describe scenarios'

# --- Numbers ----------------------------------------------------------------------------------------
# Any registered parameter, by its dotted name and with its unit ('python run.py describe --search TEXT').
# 'where' picks cells by label; without it every cell is set.

# parameters:
#   from: central                             # or posterior: see docs/uncertainty.md
#   loops.R7_poaching: 0                      # switch a feedback loop off
#   discharge.funded_places:
#     - {{value: 450 places, where: {{place: bristol, pathway: P1}}}}

# Dated changes: levels at dates, linear between them, constant beyond.

# changes:
#   - parameter: demand.service_factor
#     where: {{service: emergency_admission}}
#     operation: multiply
#     points: {{2025-04: 0, 2027-04: -0.05}}    # 5% less from April 2027
#     source: assumption

# --- How it is run ----------------------------------------------------------------------------------
# years_after_decision: 20   # the run starts in April 2019, decisions in April 2023
# members: 200               # an ensemble: intervals and probabilities of improvement
# seed: 1
# sampling: latin-hypercube  # how members lie in ranges; random keeps members when their number changes
# correlations:              # uncertain numbers that are high or low together
#   - {{between: [retention_programme|effect, home_first|effect], correlation: 0.5, source: assumption}}
"""
