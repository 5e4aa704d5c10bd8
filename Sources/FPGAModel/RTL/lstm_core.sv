// SPDX-License-Identifier: Apache-2.0
// LSTM layer with a dense head: U hidden units in parallel, one column of [x, h, 1] a cycle, up to
// 16 sequences interleaved, weights in two halves of which one can be loaded while the other works.
//
// Sizes are registers, so one build serves all networks up to the limits below. Column c of a pass
// issued in cycle n moves through these stages:
//   n    addresses      n+1 words read        n+2 operands       n+3 products     n+4 sums
//   n+5  rounded        n+6 saturated (head: result)             n+7 tables read  n+8 registered
//   n+9  f*c, i*g       n+10 added            n+11 new c         n+12 tanh read   n+13 registered
//   n+14 o*tanh         n+15 new h, written at the end of the cycle
// The next step of the sequence may be chosen in cycle n+16.
module lstm_core #(
    parameter int U = 4,        // hidden units in parallel
    parameter int F = 12,       // bits after the binary point, of 16
    parameter int LINES = 13    // bits of a weight line's address, per half
) (
    input  logic clk,
    input  logic rst,
    // Sizes; stable while busy.
    input  logic [3:0] last_input,    // I - 1
    input  logic [5:0] last_hidden,   // H - 1
    input  logic [5:0] last_group,    // ceil(H / U) - 1
    input  logic [5:0] last_head,     // ceil(outputs / 4U) - 1
    input  logic [4:0] sequences,     // B
    input  logic [LINES:0] lines,     // weight lines of a model
    // Host writes: sequence lengths, inputs, function tables.
    input  logic len_write,
    input  logic [3:0] len_index,
    input  logic [8:0] len_data,
    input  logic x_write,
    input  logic [15:0] x_address,    // {sequence, step * I + input}
    input  logic signed [15:0] x_data,
    input  logic table_write,
    input  logic table_tanh,
    input  logic [9:0] table_address,
    input  logic signed [15:0] table_data,
    // Weight load port into the half that doesn't work; back-pressure when it is full.
    input  logic load_valid,
    output logic load_ready,
    input  logic signed [15:0] load_data[4*U],
    // Run.
    input  logic start,
    input  logic stall,
    output logic busy,
    // Results as they are written.
    output logic h_valid,
    output logic [3:0] h_sequence,
    output logic [5:0] h_group,
    output logic signed [15:0] h_data[U],
    output logic y_valid,
    output logic [3:0] y_sequence,
    output logic [5:0] y_group,
    output logic signed [15:0] y_data[4*U]
);
  localparam int LANES = 4 * U;
  localparam int BANK_BITS = (U > 1) ? $clog2(U) : 1;
  localparam logic signed [15:0] ONE = 16'(1 << F);
  localparam logic signed [39:0] HALF = 40'(1 << (F - 1));

  typedef enum logic [2:0] {IDLE, WAIT_WEIGHTS, NEXT, ISSUE, DRAIN} state_t;
  typedef enum logic [1:0] {FROM_X, FROM_H, FROM_ONE} source_t;

  // What travels with a column.
  typedef struct packed {
    logic valid;
    logic first;       // first column of a group
    logic last;        // last column of a group
    logic last_group;  // of the pass
    logic head;
    logic fresh;       // first step: h and c are zero
    logic parity;      // where h is read
    source_t source;
    logic [BANK_BITS-1:0] bank;
    logic [3:0] sequence_;
    logic [5:0] group;
  } meta_t;

  state_t state;
  meta_t meta[16];

  // ---- Weights: two halves and the load port -------------------------------------------------
  logic signed [15:0] weights[LANES][2 << LINES];
  logic working_half;
  logic [LINES:0] loaded;
  logic shadow_full;
  logic take_weights;
  assign shadow_full = (loaded == lines);
  assign load_ready = !shadow_full;
  assign take_weights =
      shadow_full && ((state == IDLE && start) || state == WAIT_WEIGHTS);

  always_ff @(posedge clk) begin
    if (rst) begin
      loaded <= '0;
      working_half <= 1'b0;
    end else if (take_weights) begin
      loaded <= '0;
      working_half <= !working_half;
    end else if (load_valid && load_ready) begin
      for (int lane = 0; lane < LANES; lane++)
        weights[lane][{!working_half, loaded[LINES-1:0]}] <= load_data[lane];
      loaded <= loaded + 1'b1;
    end
  end

  // ---- Sequencer -----------------------------------------------------------------------------
  logic [8:0] length[16];
  logic [15:0] in_flight;      // a step of the sequence is in the pipeline
  logic [15:0] parity;         // half of the h memory that holds the newest h
  logic [11:0] x_offset[16];
  logic [9:0] step;
  logic [4:0] pointer;         // first sequence to look at

  // The next pass: the first sequence from the pointer on that has this step (or its head, which
  // follows its last step), else the first that has the next step.
  logic found, found_later;
  logic [3:0] candidate, candidate_later;
  always_comb begin
    found = 1'b0;
    found_later = 1'b0;
    candidate = '0;
    candidate_later = '0;
    for (int s = 15; s >= 0; s--) begin
      if (5'(s) < sequences) begin
        if (5'(s) >= pointer && 10'(length[s]) >= step) begin
          found = 1'b1;
          candidate = 4'(s);
        end
        if (10'(length[s]) >= step + 10'd1) begin
          found_later = 1'b1;
          candidate_later = 4'(s);
        end
      end
    end
  end
  logic [3:0] chosen;
  logic [9:0] chosen_step;
  assign chosen = found ? candidate : candidate_later;
  assign chosen_step = found ? step : step + 10'd1;

  logic pass_head, pass_fresh;
  logic [3:0] pass_sequence;
  logic [5:0] group;
  logic in_x, in_one, group_begins;
  logic [3:0] x_index;
  logic [5:0] h_index, h_row;
  logic [BANK_BITS-1:0] h_bank;
  logic [LINES-1:0] line, head_line;
  logic issue, pass_ends;
  assign issue = (state == ISSUE) && !stall;
  assign pass_ends = issue && in_one && group == (pass_head ? last_head : last_group);
  assign busy = (state != IDLE);

  logic pipeline_empty;
  always_comb begin
    pipeline_empty = 1'b1;
    for (int s = 1; s <= 6; s++) if (meta[s].valid) pipeline_empty = 1'b0;
  end

  // Columns of a group: x (not in the head), then h, then the constant one for the bias.
  task automatic begin_group(input logic head);
    in_x <= !head;
    in_one <= 1'b0;
    group_begins <= 1'b1;
    x_index <= '0;
    h_index <= '0;
    h_row <= '0;
    h_bank <= '0;
  endtask

  always_ff @(posedge clk) begin
    if (len_write) length[len_index] <= len_data;
    if (rst) begin
      state <= IDLE;
    end else begin
      case (state)
        IDLE, WAIT_WEIGHTS: begin
          step <= '0;
          pointer <= '0;
          head_line <= LINES'(lines - (LINES+1)'((32'(last_head) + 1) * (32'(last_hidden) + 2)));
          for (int s = 0; s < 16; s++) x_offset[s] <= '0;
          if (take_weights) state <= NEXT;
          else if (start) state <= WAIT_WEIGHTS;
        end
        NEXT: begin
          if (!found && !found_later) state <= DRAIN;
          else if (!in_flight[chosen]) begin
            state <= ISSUE;
            step <= chosen_step;
            pointer <= 5'(chosen) + 5'd1;
            pass_sequence <= chosen;
            pass_head <= (chosen_step == 10'(length[chosen]));
            pass_fresh <= (chosen_step == '0);
            group <= '0;
            line <= (chosen_step == 10'(length[chosen])) ? head_line : '0;
            begin_group(chosen_step == 10'(length[chosen]));
          end
        end
        ISSUE: if (issue) begin
          line <= line + 1'b1;
          group_begins <= 1'b0;
          if (in_x) begin
            x_index <= x_index + 1'b1;
            if (x_index == last_input) in_x <= 1'b0;
          end else if (!in_one) begin
            h_index <= h_index + 1'b1;
            if (h_bank == BANK_BITS'(U - 1)) begin
              h_bank <= '0;
              h_row <= h_row + 1'b1;
            end else h_bank <= h_bank + 1'b1;
            if (h_index == last_hidden) in_one <= 1'b1;
          end else begin
            group <= group + 1'b1;
            begin_group(pass_head);
          end
          if (pass_ends) begin
            state <= NEXT;
            if (!pass_head)
              x_offset[pass_sequence] <= x_offset[pass_sequence] + 12'(last_input) + 12'd1;
          end
        end
        DRAIN: if (pipeline_empty) state <= IDLE;
        default: state <= IDLE;
      endcase
    end
  end

  // A sequence is in flight from the choice of its pass until its last h is written.
  always_ff @(posedge clk) begin
    if (rst || state == IDLE) begin
      in_flight <= '0;
      parity <= '0;
    end else begin
      if (state == NEXT && (found || found_later) && !in_flight[chosen])
        in_flight[chosen] <= 1'b1;
      if (meta[15].valid && meta[15].last && meta[15].last_group && !meta[15].head) begin
        in_flight[meta[15].sequence_] <= 1'b0;
        parity[meta[15].sequence_] <= !meta[15].parity;
      end
    end
  end

  // ---- Stage 0: what is issued ---------------------------------------------------------------
  always_comb begin
    meta[0] = '0;
    meta[0].valid = issue;
    meta[0].first = group_begins;
    meta[0].last = in_one;
    meta[0].last_group = (group == (pass_head ? last_head : last_group));
    meta[0].head = pass_head;
    meta[0].fresh = pass_fresh;
    meta[0].parity = parity[pass_sequence];
    meta[0].source = in_x ? FROM_X : in_one ? FROM_ONE : FROM_H;
    meta[0].bank = h_bank;
    meta[0].sequence_ = pass_sequence;
    meta[0].group = group;
  end
  always_ff @(posedge clk)
    for (int s = 1; s < 16; s++) begin
      meta[s] <= meta[s-1];
      if (rst) meta[s].valid <= 1'b0;
    end

  // ---- Stages 1 to 6: columns to gates -------------------------------------------------------
  logic signed [15:0] x_memory[1 << 16];
  logic signed [15:0] h_memory[U][1 << 11];
  logic signed [15:0] c_memory[U][1 << 10];
  logic signed [15:0] weight_read[LANES], weight[LANES], x_read, h_read[U], operand;
  logic signed [31:0] product[LANES];
  logic signed [39:0] sum[LANES], rounded[LANES];
  logic signed [15:0] gate[LANES];

  function automatic logic signed [15:0] saturate(input logic signed [39:0] value);
    if (value > 40'sd32767) return 16'sd32767;
    if (value < -40'sd32768) return -16'sd32768;
    return value[15:0];
  endfunction

  always_ff @(posedge clk) begin
    if (x_write) x_memory[x_address] <= x_data;
    x_read <= x_memory[{pass_sequence, x_offset[pass_sequence] + 12'(x_index)}];
    for (int u = 0; u < U; u++)
      h_read[u] <= h_memory[u][{parity[pass_sequence], pass_sequence, h_row}];
    case (meta[1].source)
      FROM_X: operand <= x_read;
      FROM_H: operand <= meta[1].fresh ? '0 : h_read[meta[1].bank];
      default: operand <= ONE;
    endcase
    for (int lane = 0; lane < LANES; lane++) begin
      weight_read[lane] <= weights[lane][{working_half, line}];
      weight[lane] <= weight_read[lane];
      product[lane] <= weight[lane] * operand;
      if (meta[3].valid) sum[lane] <= (meta[3].first ? 40'sd0 : sum[lane]) + 40'(product[lane]);
      rounded[lane] <= (sum[lane] + HALF) >>> F;
      gate[lane] <= saturate(rounded[lane]);
    end
  end

  // ---- Stages 7 to 15: gates to c and h ------------------------------------------------------
  logic signed [15:0] sigmoid_table[1024], tanh_table[1024];
  logic signed [15:0] input_read[U], forget_read[U], cell_read[U], output_read[U];
  logic signed [15:0] input_gate[U], forget_gate[U], candidate_gate[U];
  logic signed [15:0] output_gate[U][8:13];
  logic signed [15:0] c_read[U], c_new[U], tanh_read[U], tanh_c[U];
  logic signed [31:0] kept[U], added[U], shown[U];
  logic signed [39:0] c_sum[U];
  logic signed [15:0] h_new[U];

  // The upper ten bits, as an entry counted from the lowest value.
  function automatic logic [9:0] entry(input logic signed [15:0] value);
    return {!value[15], value[14:6]};
  endfunction

  always_ff @(posedge clk) begin
    if (table_write) begin
      if (table_tanh) tanh_table[table_address] <= table_data;
      else sigmoid_table[table_address] <= table_data;
    end
    for (int u = 0; u < U; u++) begin
      input_read[u] <= sigmoid_table[entry(gate[u])];
      forget_read[u] <= sigmoid_table[entry(gate[U+u])];
      cell_read[u] <= tanh_table[entry(gate[2*U+u])];
      output_read[u] <= sigmoid_table[entry(gate[3*U+u])];
      input_gate[u] <= input_read[u];
      forget_gate[u] <= forget_read[u];
      candidate_gate[u] <= cell_read[u];
      output_gate[u][8] <= output_read[u];
      for (int s = 9; s < 14; s++) output_gate[u][s] <= output_gate[u][s-1];
      c_read[u] <= meta[7].fresh ? '0 : c_memory[u][{meta[7].sequence_, meta[7].group}];
      kept[u] <= forget_gate[u] * c_read[u];
      added[u] <= input_gate[u] * candidate_gate[u];
      c_sum[u] <= 40'(kept[u]) + 40'(added[u]);
      c_new[u] <= saturate((c_sum[u] + HALF) >>> F);
      tanh_read[u] <= tanh_table[entry(c_new[u])];
      tanh_c[u] <= tanh_read[u];
      shown[u] <= output_gate[u][13] * tanh_c[u];
      h_new[u] <= saturate((40'(shown[u]) + HALF) >>> F);
      if (meta[11].valid && meta[11].last && !meta[11].head)
        c_memory[u][{meta[11].sequence_, meta[11].group}] <= c_new[u];
      if (h_valid) h_memory[u][{!meta[15].parity, meta[15].sequence_, meta[15].group}] <= h_new[u];
    end
  end

  assign h_valid = meta[15].valid && meta[15].last && !meta[15].head;
  assign h_sequence = meta[15].sequence_;
  assign h_group = meta[15].group;
  assign h_data = h_new;
  assign y_valid = meta[6].valid && meta[6].last && meta[6].head;
  assign y_sequence = meta[6].sequence_;
  assign y_group = meta[6].group;
  assign y_data = gate;
endmodule
